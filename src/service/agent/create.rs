//! Creates agents.

use entity::{
    TeamId, WorkspaceId,
    agent::{self, Role},
    team,
};

use super::{join, refuse_taken};
use crate::{
    auth::{Viewer, policy},
    service::{
        Error, Services, Transaction,
        exist::{self, InputReferences},
        transaction::with_retries,
        validate::{Checks, LINE_MAX},
        workspace_of,
    },
    store::{self, filter::email_key},
    words::fold,
};

#[derive(Clone, Debug)]
pub struct CreateAgent {
    /// Workspace of the agent. If absent, the only workspace of the viewer.
    pub workspace: Option<WorkspaceId>,
    pub name: String,
    /// Email address, unique among the agents of the workspace.
    pub email: String,
    pub role: Role,
    pub teams: Vec<TeamId>,
}

pub async fn create(services: &Services, viewer: &Viewer, input: CreateAgent) -> Result<agent::Model, Error> {
    policy::manage(viewer)?;
    let workspace = workspace_of(viewer, input.workspace, &["workspaceId"])?;
    let mut checks = Checks::default();
    checks.required(&input.name, LINE_MAX, &["input", "name"]);
    checks.email(&input.email, &["input", "email"]);
    let teams = exist::listed(&mut checks, input.teams.clone(), &["input", "teamIds"]);
    checks.finish()?;
    with_retries(services, || async {
        let transaction = Transaction::begin(services).await?;
        refuse_taken(&transaction, workspace, &input.email, None).await?;
        let wanted = InputReferences::listed(&teams, "team", &["input", "teamIds"]);
        exist::require::<team::Entity>(&transaction, viewer, workspace, wanted).await?;
        let row = row(services, workspace, &input.name, &input.email, input.role);
        let writing = transaction.writing();
        store::agent::insert_many(writing, vec![row.clone()]).await?;
        join(&transaction, row.id, &[], &teams).await?;
        transaction.commit(viewer, |_| row).await
    })
    .await
}

pub fn row(
    services: &Services,
    workspace_id: WorkspaceId,
    name: &str,
    email: &str,
    role: Role,
) -> agent::Model {
    agent::Model {
        id: services.clock.id(),
        workspace_id,
        name: name.to_owned(),
        name_key: fold(name),
        email: email.to_owned(),
        email_key: email_key(email),
        role,
        created_at: services.clock.now(),
        is_active: true,
    }
}
