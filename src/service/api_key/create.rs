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
    pub grants: Vec<Grant>,
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

/// Returns the names of the grants in a fixed order. Reports grants that the viewer does not have, and repeated
/// ones.
fn grants(checks: &mut Checks, viewer: &Viewer, wanted: &[Grant]) -> Tags {
    if wanted.is_empty() {
        let why = "must contain at least one grant.";
        checks.add(UserError::of(UserErrorCode::Required, why, &GRANTS));
    }
    if !each_once(checks, wanted, Grant::ALL.len(), &GRANTS) {
        return Tags::default();
    }
    for (index, grant) in wanted.iter().enumerate() {
        if let Err(denied) = policy::hand_on(viewer, *grant) {
            let index = index.to_string();
            checks.add(UserError::forbidden(
                denied.needs,
                &[GRANTS[0], GRANTS[1], &index],
            ));
        }
    }
    let grants: Grants = wanted.iter().copied().collect();
    Tags(grants.all().map(|grant| grant.to_string()).collect())
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
