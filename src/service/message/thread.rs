//! What a message goes into: found, and held against other writers.

use entity::{AgentId, TicketId, conversation, customer, message::Direction, ticket};

use super::{AddMessage, MessageTarget};
use crate::{
    auth::Viewer,
    service::{Error, Services, Transaction, UserError, exist},
    store::{
        self,
        filter::email_key,
        thread::{Asked, Thread},
    },
};

/// What a message goes into, held against other writers until the transaction ends.
#[derive(Clone, Debug)]
pub struct Held {
    /// The ticket, when the message names one.
    pub ticket: Option<ticket::Model>,
    /// The newest ticket of the conversation that is not closed, when an inbound message names the conversation.
    pub beside: Option<ticket::Model>,
    /// The conversation.
    pub conversation: conversation::Model,
    /// With whom.
    pub customer: customer::Model,
    /// The agent who sends it, if one does.
    pub agent: Option<AgentId>,
    /// The thread is in a language that is not scored; false when this was not asked for.
    pub is_foreign: bool,
}

impl AddMessage {
    /// The customer writes: neither an answer nor a note.
    pub(super) fn is_from_customer(&self) -> bool {
        self.direction == Direction::Inbound && !self.internal
    }
}

/// Holds the rows in the order in which all writers hold them: tickets, conversation, customer. With them the language of
/// the thread, if the message follows it.
pub async fn hold(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    input: &AddMessage,
    target: MessageTarget,
    by_language: bool,
) -> Result<Held, Error> {
    let (writing, scope) = (transaction.writing(), viewer.scope());
    let is_of_staff = input.internal || input.direction == Direction::Outbound;
    let agent = is_of_staff.then(|| email_key(&input.sender_email));
    let asked = Asked {
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
                // As into that ticket: it is followed up.
                Some(closed) => {
                    store::thread::find_by_ticket_to_change(writing, &scope, closed, asked).await?
                }
                None => store::thread::find_by_conversation_to_change(writing, &scope, id, asked).await?,
            }
        }
    };
    let Thread {
        ticket,
        conversation,
        customer,
        agent,
        is_foreign,
    } = found.ok_or_else(|| no_target(input.target))?;
    Ok(Held {
        ticket,
        beside,
        conversation,
        customer,
        agent,
        is_foreign,
    })
}

/// Refuses a message into something that the viewer does not see, before much time is spent on its text.
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
    let (message, field) = match target {
        MessageTarget::Ticket(_) => ("There is no such ticket.", "ticketId"),
        MessageTarget::Conversation(_) => ("There is no such conversation.", "conversationId"),
    };
    UserError::not_found(message, &["input", "target", field]).into()
}

/// The ticket that takes an inbound message in place of a closed one: a follow-up that is not closed.
pub async fn follow_up_of(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    closed: TicketId,
) -> Result<Option<MessageTarget>, Error> {
    let found = store::ticket::find_follow_up(transaction.writing(), &viewer.scope(), closed).await?;
    Ok(found.map(MessageTarget::Ticket))
}
