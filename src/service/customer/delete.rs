//! Deletes a customer with everything of it: C-Star's DELETE.

use entity::{ConversationId, CustomerId, MessageId, TicketId, WorkspaceId};

use super::CustomerIdentifier;
use crate::{
    auth::{Viewer, policy},
    events::{ChangeCursor, Gone, NewEvent},
    service::{
        Error, Services, Transaction, UserError, erasure, error::refuse_stale, transaction::with_tries,
    },
    store::{self, belongings::Belongings},
};

/// How often it is tried: somebody who goes on writing to the customer may get in between more than once.
const TRIES: usize = 20;

/// Who is to go.
#[derive(Clone, Copy, Debug)]
pub struct DeleteCustomer {
    /// Whom.
    pub id: CustomerId,
    /// The version that the caller knows; whichever it is when absent.
    pub if_version: Option<i32>,
}

/// What went.
#[derive(Clone, Debug)]
pub struct Deleted {
    /// The customer.
    pub id: CustomerId,
    /// The workspace that it belonged to.
    pub workspace: WorkspaceId,
    /// How many tickets.
    pub tickets: usize,
    /// How many conversations.
    pub conversations: usize,
    /// How many messages.
    pub messages: usize,
    /// Where the change log stands.
    pub cursor: Option<ChangeCursor>,
}

/// Deletes the customer, its messages, tickets and conversations, in one transaction with one event for each of them.
///
/// The log keeps every position and every id, and forgets what the events of these things said. Marks are kept by which
/// imports know the customer, and what it had.
pub async fn delete(services: &Services, viewer: &Viewer, input: DeleteCustomer) -> Result<Deleted, Error> {
    policy::work(viewer)?;
    let deleted = with_tries(services, TRIES, || once(services, viewer, input)).await?;
    services.erasures.notify_one();
    Ok(deleted)
}

async fn once(services: &Services, viewer: &Viewer, input: DeleteCustomer) -> Result<Deleted, Error> {
    let DeleteCustomer { id, if_version } = input;
    let mut transaction = Transaction::begin_alone(services).await?;
    let missing = || UserError::not_found("There is no such customer.", &["id"]);
    let scope = viewer.scope();
    store::customer::find(
        transaction.writing().connection(),
        &scope,
        None,
        store::customer::By::Id(id),
    )
    .await?
    .ok_or_else(missing)?;
    // Whoever adds a message holds the ticket, the conversation, then the customer. The same order here, so that the two
    // do not wait for each other; what is added in between waits for the customer, and finds it gone.
    store::belongings::hold(transaction.writing(), id, true).await?;
    let found = CustomerIdentifier::Id(id)
        .find(&transaction, viewer, None)
        .await?;
    let customer = found.ok_or_else(missing)?;
    refuse_stale(if_version, &customer)?;
    // What came while the customer was waited for may be in the hands of one who waits for the customer now: the next
    // try waits for it in the right order. Nothing comes any more.
    store::belongings::hold(transaction.writing(), id, false).await?;

    let Belongings {
        tickets,
        conversations,
        messages,
    } = store::belongings::read(transaction.writing(), id).await?;
    erasure::mark(services, &transaction, &customer).await?;
    store::change::forget(transaction.writing(), customer.workspace_id, id).await?;
    store::belongings::delete(transaction.writing(), id).await?;
    store::customer::delete(transaction.writing(), id).await?;
    store::belongings::forget_samples(transaction.writing()).await?;

    let gone = messages
        .iter()
        .map(|(id, ticket, thread, internal)| Gone::Message {
            id: MessageId(*id),
            ticket: ticket.map(TicketId),
            conversation: ConversationId(*thread),
            internal: *internal,
        })
        .chain(
            tickets
                .iter()
                .map(|(id, thread)| Gone::Ticket(TicketId(*id), ConversationId(*thread))),
        )
        .chain(
            conversations
                .iter()
                .map(|id| Gone::Conversation(ConversationId(*id))),
        );
    for one in gone {
        transaction.record(NewEvent::deleted_with(&customer, one));
    }
    transaction.record(NewEvent::customer_deleted(&customer));
    let deleted = |cursor| Deleted {
        id,
        workspace: customer.workspace_id,
        tickets: tickets.len(),
        conversations: conversations.len(),
        messages: messages.len(),
        cursor,
    };
    transaction.commit(viewer, deleted).await
}
