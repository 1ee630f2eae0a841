//! Deletes a customer with all its objects, as DELETE of C-Star does.

use entity::{ConversationId, CustomerId, MessageId, TicketId, WorkspaceId};

use super::CustomerIdentifier;
use crate::{
    auth::{Viewer, policy},
    events::{ChangeCursor, DeletedObject, NewEvent},
    service::{
        Error, Services, Transaction, UserError, erasure, error::refuse_stale, transaction::with_tries,
    },
    store::{self, belongings::Belongings},
};

/// Maximum number of attempts. Writers that keep writing to the customer can interrupt more than one.
const TRIES: usize = 20;

#[derive(Clone, Copy, Debug)]
pub struct DeleteCustomer {
    pub id: CustomerId,
    /// Version that the caller expects. If absent, any version.
    pub if_version: Option<i32>,
}

#[derive(Clone, Debug)]
pub struct Deleted {
    pub id: CustomerId,
    pub workspace: WorkspaceId,
    pub tickets: usize,
    pub conversations: usize,
    pub messages: usize,
    pub cursor: Option<ChangeCursor>,
}

/// Deletes a customer with its messages, tickets and conversations in one transaction, with one event for
/// each.
///
/// The change log keeps every position and id, but removes the field values from the events of these objects.
/// Marks remain, by which imports recognize the customer and its objects.
pub async fn delete(services: &Services, viewer: &Viewer, input: DeleteCustomer) -> Result<Deleted, Error> {
    policy::work(viewer)?;
    let deleted = with_tries(services, TRIES, || once(services, viewer, input)).await?;
    services.erasures.notify_one();
    Ok(deleted)
}

async fn once(services: &Services, viewer: &Viewer, input: DeleteCustomer) -> Result<Deleted, Error> {
    let DeleteCustomer { id, if_version } = input;
    let mut transaction = Transaction::begin_alone(services).await?;
    let missing = || UserError::no_such("customer", &["id"]);
    let scope = viewer.scope();
    store::customer::find(
        transaction.writing().connection(),
        &scope,
        None,
        store::customer::CustomerKey::Id(id),
    )
    .await?
    .ok_or_else(missing)?;
    // A writer of a message locks the ticket, then the conversation, then the customer. The same order here
    // avoids a deadlock. A message added in between waits for the customer and then finds it deleted.
    store::belongings::hold(transaction.writing(), id, true).await?;
    let found = CustomerIdentifier::Id(id)
        .find(&transaction, viewer, None)
        .await?;
    let customer = found.ok_or_else(missing)?;
    refuse_stale(if_version, &customer)?;
    // Objects created while this transaction waited for the customer can be locked by a writer that waits for
    // the customer now. This attempt then fails, and the next one waits in the right order. From now on, no
    // new objects can appear.
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
        .map(|(id, ticket, thread, internal)| DeletedObject::Message {
            id: MessageId(*id),
            ticket: ticket.map(TicketId),
            conversation: ConversationId(*thread),
            internal: *internal,
        })
        .chain(
            tickets
                .iter()
                .map(|(id, thread)| DeletedObject::Ticket(TicketId(*id), ConversationId(*thread))),
        )
        .chain(
            conversations
                .iter()
                .map(|id| DeletedObject::Conversation(ConversationId(*id))),
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
