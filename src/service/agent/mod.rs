//! Use cases on agents. Agents are settings, not helpdesk data, so the use cases write no events.

mod active;
mod create;
mod update;

pub use active::{find_ended, is_working};
pub(super) use create::row;
pub use create::{CreateAgent, create};
pub use update::{AgentFields, UpdateAgent, update};

use uuid::Uuid;

use super::{Error, Transaction, UserError, UserErrorCode, exist::LIST_MAX};
use crate::store::{
    self,
    filter::email_key,
    link::{self, AgentsOfTeam, TeamsOfAgent},
};

/// Replaces the teams of an agent. Rejects a team that is full.
async fn join(
    transaction: &Transaction<'_>,
    agent: entity::AgentId,
    before: &[Uuid],
    teams: &[entity::TeamId],
) -> Result<(), Error> {
    let writing = transaction.writing();
    let after: Vec<Uuid> = teams.iter().map(|id| id.0).collect();
    link::replace::<TeamsOfAgent>(writing, agent.0, before, &after).await?;
    let counts = link::counts::<AgentsOfTeam>(writing, &after).await?;
    let full = |(index, team): (usize, &Uuid)| {
        let count = usize::try_from(*counts.get(team)?).ok()?;
        (count > LIST_MAX).then(|| {
            let why = format!("is a team that has {LIST_MAX} agents, which is the maximum.");
            let index = index.to_string();
            UserError::of(UserErrorCode::Invalid, &why, &["input", "teamIds", &index])
        })
    };
    let errors: Vec<UserError> = after.iter().enumerate().filter_map(full).collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Refused(errors))
    }
}

/// Rejects an address that another agent of the workspace has.
async fn refuse_taken(
    transaction: &Transaction<'_>,
    workspace: entity::WorkspaceId,
    email: &str,
    own: Option<entity::AgentId>,
) -> Result<(), Error> {
    let connection = transaction.writing().connection();
    let found = store::agent::find_by_email_unscoped(connection, workspace, &[email_key(email)]).await?;
    match found.iter().find(|other| Some(other.id) != own) {
        None => Ok(()),
        Some(other) => {
            let message = "Another agent of this workspace has this email.";
            let code = UserErrorCode::EmailTaken;
            Err(UserError::new(code, message, &["input", "email"])
                .held_by(&other.id)
                .into())
        }
    }
}
