//! Who sends a message: found by the address.

use entity::{AgentId, CustomerId, WorkspaceId, customer, message::Direction};

use super::AddMessage;
use crate::{
    auth::{Identity, Viewer},
    service::{Error, Transaction, UserError, customer::has_address},
    store::{self, filter::email_key},
};

/// Who sends a message.
pub enum SentBy {
    /// An agent of the workspace.
    Agent(AgentId),
    /// The customer of the thread, or another one.
    Customer(CustomerId),
    /// The address is not known.
    Unknown,
}

/// Who has the sender's address: the customer of the thread, an agent, another customer, or no one who is known.
pub async fn sent_by(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    customer: &customer::Model,
    agent: Option<AgentId>,
    input: &AddMessage,
) -> Result<SentBy, Error> {
    let key = email_key(&input.sender_email);
    if let Identity::Customer(id) = viewer.identity {
        // A customer writes in its own name only.
        return if has_address(customer, &key) {
            Ok(SentBy::Customer(id))
        } else {
            Err(UserError::forbidden("This is not your own email.", &["input", "senderEmail"]).into())
        };
    }
    match input.direction {
        Direction::Inbound if has_address(customer, &key) => Ok(SentBy::Customer(customer.id)),
        Direction::Inbound => other_customer(transaction, viewer, customer.workspace_id, &key).await,
        Direction::Outbound => Ok(agent.map_or(SentBy::Unknown, SentBy::Agent)),
    }
}

async fn other_customer(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    workspace: WorkspaceId,
    key: &str,
) -> Result<SentBy, Error> {
    let by = store::customer::By::EmailKey(workspace, key);
    let connection = transaction.writing().connection();
    let found = store::customer::find(connection, &viewer.scope(), workspace, by).await?;
    Ok(found.map_or(SentBy::Unknown, |other| SentBy::Customer(other.id)))
}
