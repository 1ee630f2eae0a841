//! Use cases on agents. They are settings, not helpdesk data: they write no events.

mod create;
mod update;

pub(super) use create::row;
pub use create::{CreateAgent, create};
pub use update::{AgentFields, UpdateAgent, update};

use super::{Error, Transaction, UserError};
use crate::store::{self, filter::fold};

/// Refuses an address that another agent of the workspace has.
async fn refuse_taken(
    transaction: &Transaction<'_>,
    workspace: entity::WorkspaceId,
    email: &str,
    own: Option<entity::AgentId>,
) -> Result<(), Error> {
    let connection = transaction.writing().connection();
    let found = store::agent::find_by_email_unscoped(connection, workspace, &[fold(email)]).await?;
    match found.iter().find(|other| Some(other.id) != own) {
        None => Ok(()),
        Some(other) => {
            let message = "Another agent has this email.";
            let code = super::UserErrorCode::EmailTaken;
            Err(UserError::new(code, message, &["input", "email"])
                .held_by(&other.id)
                .into())
        }
    }
}
