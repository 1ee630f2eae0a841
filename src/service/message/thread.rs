//! Finds and locks the destination of a message.

use entity::{TicketId, conversation, message::Direction, ticket};

use super::{AddMessage, MessageTarget};
use crate::{
    auth::Viewer,
    service::{Error, Services, Transaction, UserError, exist},
    store::{
        self,
        filter::email_key,
        thread::{Thread, ThreadQuery},
    },
};

/// Destination of a message, whose rows are locked until the transaction ends.
#[derive(Clone, Debug)]
pub struct LockedThread {
    /// The ticket, when the message names one, the conversation and the customer, and the agent who sends it.
    pub thread: Thread,
    /// Newest ticket of the conversation that is not closed, if an inbound message names the conversation.
    pub beside: Option<ticket::Model>,
}

impl AddMessage {
    /// Whether the customer writes: the message is inbound and not an internal note.
    pub(super) fn is_from_customer(&self) -> bool {
        self.direction == Direction::Inbound && !self.internal
    }
}

/// Locks the rows in the order of all writers: tickets, conversation, customer. Also reads the language of
/// the thread if the message follows it.
pub async fn hold(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    input: &AddMessage,
    target: MessageTarget,
    by_language: bool,
) -> Result<LockedThread, Error> {
    let (writing, scope) = (transaction.writing(), viewer.scope());
    let is_of_staff = input.internal || input.direction == Direction::Outbound;
    let agent = is_of_staff.then(|| email_key(&input.sender_email));
    let asked = ThreadQuery {
        agent: agent.as_deref(),
        language: by_language,
    };
    let mut beside = None;
    let found = match target {
        MessageTarget::Ticket(id) => {
            store::thread::find_by_ticket_to_change(writing, &scope, id, asked).await?
        }
        MessageTarget::Conversation(id) => {
            let mut closed = None;
            if input.is_from_customer() {
                beside = store::ticket::find_newest_to_change(writing, &scope, id).await?;
                if beside.is_none() {
                    closed = store::ticket::find_newest_closed(writing, &scope, id).await?;
                }
            }
            match closed {
                // Same as for a message to that closed ticket, which gets a follow-up.
                Some(closed) => {
                    store::thread::find_by_ticket_to_change(writing, &scope, closed, asked).await?
                }
                None => store::thread::find_by_conversation_to_change(writing, &scope, id, asked).await?,
            }
        }
    };
    let thread = found.ok_or_else(|| no_target(input.target))?;
    Ok(LockedThread { thread, beside })
}

/// Rejects a message to an invisible destination before its text is processed.
pub async fn require_target(
    services: &Services,
    viewer: &Viewer,
    target: MessageTarget,
) -> Result<(), Error> {
    let is_there = match target {
        MessageTarget::Ticket(id) => exist::is_seen::<ticket::Entity>(services, viewer, id).await?,
        MessageTarget::Conversation(id) => {
            exist::is_seen::<conversation::Entity>(services, viewer, id).await?
        }
    };
    if is_there { Ok(()) } else { Err(no_target(target)) }
}

fn no_target(target: MessageTarget) -> Error {
    let (noun, field) = match target {
        MessageTarget::Ticket(_) => ("ticket", "ticketId"),
        MessageTarget::Conversation(_) => ("conversation", "conversationId"),
    };
    UserError::no_such(noun, &["input", "target", field]).into()
}

/// Returns the follow-up that receives an inbound message instead of a closed ticket. `None` if there is no
/// follow-up that is not closed.
pub async fn follow_up_of(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    closed: TicketId,
) -> Result<Option<MessageTarget>, Error> {
    let found = store::ticket::find_follow_up(transaction.writing(), &viewer.scope(), closed).await?;
    Ok(found.map(MessageTarget::Ticket))
}
