//! Resolves the sender of a message by its email address.

use entity::{AgentId, CustomerId, WorkspaceId, customer, message::Direction};

use super::AddMessage;
use crate::{
    auth::{Identity, Viewer},
    service::{Error, Transaction, UserError, customer::has_address},
    store::{self, filter::email_key},
};

pub enum SentBy {
    /// Agent of the workspace.
    Agent(AgentId),
    /// Customer of the thread, or another customer.
    Customer(CustomerId),
    /// Unknown address.
    Unknown,
}

/// Returns the owner of the sender's address: the customer of the thread, an agent, another customer, or
/// none.
pub async fn sent_by(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    customer: &customer::Model,
    agent: Option<AgentId>,
    input: &AddMessage,
) -> Result<SentBy, Error> {
    let key = email_key(&input.sender_email);
    if let Identity::Customer(id) = viewer.identity {
        // A customer can only write under its own address.
        return if has_address(customer, &key) {
            Ok(SentBy::Customer(id))
        } else {
            Err(UserError::not_your_email(&["input", "senderEmail"]).into())
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
    let by = store::customer::CustomerKey::EmailKey(workspace, key);
    let connection = transaction.writing().connection();
    let found = store::customer::find(connection, &viewer.scope(), workspace, by).await?;
    Ok(found.map_or(SentBy::Unknown, |other| SentBy::Customer(other.id)))
}
