//! Creates API keys.

use entity::{Tags, Timestamp, WorkspaceId};

use super::{CreatedKey, LINE_MAX, LIST_MAX, add, ahead, each_once, note, row};
use crate::{
    auth::{Grant, Grants, Viewer, policy},
    service::{
        Error, Services, Transaction, UserError, UserErrorCode, transaction::with_retries, validate::Checks,
        workspace_of,
    },
    store,
};

const GRANTS: [&str; 2] = ["input", "grants"];
const WORKSPACES: [&str; 2] = ["input", "workspaceIds"];

#[derive(Clone, Debug)]
pub struct CreateApiKey {
    pub name: String,
    /// Grants by name.
    pub grants: Vec<String>,
    /// Workspaces that the key can access. If absent, the only workspace of the viewer.
    pub workspaces: Option<Vec<WorkspaceId>>,
    /// Time of expiry. From then on, the key is rejected.
    pub expires_at: Option<Timestamp>,
}

pub async fn create(services: &Services, viewer: &Viewer, input: CreateApiKey) -> Result<CreatedKey, Error> {
    policy::manage(viewer)?;
    let mut checks = Checks::default();
    checks.required(&input.name, LINE_MAX, &["input", "name"]);
    let grants = grants(&mut checks, viewer, &input.grants);
    if let Some(workspaces) = &input.workspaces {
        check_workspaces(&mut checks, services, viewer, workspaces).await?;
    }
    ahead(&mut checks, services, input.expires_at);
    checks.finish()?;
    let workspaces = match input.workspaces {
        Some(workspaces) => workspaces,
        None => vec![workspace_of(viewer, None, &WORKSPACES)?],
    };
    with_retries(services, || async {
        let transaction = Transaction::begin(services).await?;
        let (opening, token) = row(
            services,
            input.name.clone(),
            grants.clone(),
            workspaces.clone(),
            input.expires_at,
        );
        add(&transaction, &opening, &WORKSPACES).await?;
        let made = transaction
            .commit(viewer, |_| CreatedKey {
                opening,
                token: Some(token),
                replaced: None,
            })
            .await?;
        note(viewer, made.opening.key.id, "created an API key");
        Ok(made)
    })
    .await
}

/// Parses grants by name into a fixed order, each once. Reports grants that do not exist or that the viewer
/// does not have.
fn grants(checks: &mut Checks, viewer: &Viewer, names: &[String]) -> Tags {
    if names.is_empty() {
        let why = "must contain at least one grant.";
        checks.add(UserError::of(UserErrorCode::Required, why, &GRANTS));
    }
    if !each_once(checks, names, Grant::ALL.len(), &GRANTS) {
        return Tags::default();
    }
    let mut grants = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        let index = index.to_string();
        let path = [GRANTS[0], GRANTS[1], &index];
        let Ok(grant) = name.parse::<Grant>() else {
            let known = Grant::ALL.map(|grant| format!("`{grant}`")).join(", ");
            let why = format!("is not a grant. The grants are {known}.");
            checks.add(UserError::of(UserErrorCode::Invalid, &why, &path));
            continue;
        };
        if let Err(denied) = policy::hand_on(viewer, grant) {
            checks.add(UserError::forbidden(denied.needs, &path));
        }
        grants.push(grant);
    }
    let grants: Grants = grants.into_iter().collect();
    Tags(grants.names().map(str::to_owned).collect())
}

/// Rejects workspaces that do not exist. A token can name such workspaces.
async fn check_workspaces(
    checks: &mut Checks,
    services: &Services,
    viewer: &Viewer,
    workspaces: &[WorkspaceId],
) -> Result<(), Error> {
    if workspaces.is_empty() {
        let why = "must contain at least one workspace.";
        checks.add(UserError::of(UserErrorCode::Required, why, &WORKSPACES));
    }
    if !each_once(checks, workspaces, LIST_MAX, &WORKSPACES) {
        return Ok(());
    }
    let ids: Vec<_> = workspaces.iter().map(|id| id.0).collect();
    let there = store::workspace::find_many(&services.db, &viewer.scope(), &ids).await?;
    for (index, _) in workspaces
        .iter()
        .enumerate()
        .filter(|(_, workspace)| there.iter().all(|row| row.id != **workspace))
    {
        let index = index.to_string();
        let path = [WORKSPACES[0], WORKSPACES[1], &index];
        checks.add(UserError::no_such("workspace", &path));
    }
    Ok(())
}
