//! Makes agents. For the operator.

use entity::{
    WorkspaceId,
    agent::{self, Role},
};

use super::{
    Error, Services, UserError,
    validate::{Checks, LINE_MAX},
};
use crate::store::{self, StoreError, filter::fold};

/// What is wanted.
#[derive(Clone, Debug)]
pub struct CreateAgent {
    /// Where.
    pub workspace: WorkspaceId,
    /// Full name.
    pub name: String,
    /// Address, unique in the workspace.
    pub email: String,
    /// What the agent may do.
    pub role: Role,
}

/// Makes an agent. No event: agents are settings, not helpdesk data.
pub async fn create(services: &Services, input: CreateAgent) -> Result<agent::Model, Error> {
    let mut checks = Checks::default();
    checks.required(&input.name, LINE_MAX, &["name"]);
    checks.email(&input.email, &["email"]);
    checks.finish()?;
    let row = row(services, &input);
    let writing = services.db.begin().await?;
    match store::agent::insert_many(&writing, vec![row.clone()]).await {
        Err(StoreError::Taken) => {
            Err(UserError::email_taken(&"an agent of this workspace", &["email"]).into())
        }
        other => {
            other?;
            writing.commit().await?;
            Ok(row)
        }
    }
}

/// The row of a new agent.
pub(super) fn row(services: &Services, input: &CreateAgent) -> agent::Model {
    agent::Model {
        id: services.clock.id(),
        workspace_id: input.workspace,
        name: input.name.clone(),
        name_key: fold(&input.name),
        email: input.email.clone(),
        email_key: fold(&input.email),
        role: input.role,
        created_at: services.clock.now(),
    }
}
