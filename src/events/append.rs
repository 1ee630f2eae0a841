//! Appends events to the log, inside the transaction that causes them.

use entity::{
    ConversationId, CustomerId, MessageId, TicketId, Timestamp, WorkspaceId,
    change::{ActorKind, Model, Name},
    conversation, customer, message, ticket,
};
use uuid::Uuid;

use super::{ChangeCursor, FieldChanges};
use crate::{
    auth::Viewer,
    store::{StoreError, change, connect::WriteTransaction},
};

/// An object that was deleted together with its customer, and its context.
#[derive(Clone, Copy, Debug)]
pub enum DeletedObject {
    /// A message of a ticket, or of a conversation without a ticket.
    Message {
        id: MessageId,
        ticket: Option<TicketId>,
        conversation: ConversationId,
        /// Whether the message is an internal note.
        internal: bool,
    },
    /// A ticket and its conversation.
    Ticket(TicketId, ConversationId),
    Conversation(ConversationId),
}

/// An event without its position, epoch, time and actor, which are set when it is written.
#[derive(Debug)]
pub struct NewEvent(Model);

impl NewEvent {
    fn of(name: Name, workspace_id: WorkspaceId, object_id: Uuid, customer_id: CustomerId) -> Self {
        Self(Model {
            workspace_id,
            position: 0,
            name,
            object_id,
            customer_id,
            ticket_id: None,
            conversation_id: None,
            actor_kind: ActorKind::System,
            actor_id: None,
            fields: None,
            at: Timestamp(0),
            internal: false,
            epoch: 0,
        })
    }

    fn about(self, ticket_id: Option<TicketId>, conversation_id: Option<ConversationId>) -> Self {
        Self(Model {
            ticket_id,
            conversation_id,
            ..self.0
        })
    }

    fn internal(self, internal: bool) -> Self {
        Self(Model { internal, ..self.0 })
    }

    fn updated(self, name: Name, fields: FieldChanges) -> Self {
        let fields = Some(fields.into_json());
        Self(Model {
            name,
            fields,
            ..self.0
        })
    }

    pub fn customer_created(row: &customer::Model) -> Self {
        Self::of(Name::CustomerCreated, row.workspace_id, row.id.0, row.id)
    }

    pub fn customer_updated(row: &customer::Model, fields: FieldChanges) -> Self {
        Self::customer_created(row).updated(Name::CustomerUpdated, fields)
    }

    pub fn customer_deleted(row: &customer::Model) -> Self {
        Self::of(Name::CustomerDeleted, row.workspace_id, row.id.0, row.id)
    }

    pub fn conversation_created(row: &conversation::Model) -> Self {
        Self::of(
            Name::ConversationCreated,
            row.workspace_id,
            row.id.0,
            row.customer_id,
        )
        .about(None, Some(row.id))
    }

    pub fn conversation_updated(row: &conversation::Model, fields: FieldChanges) -> Self {
        Self::conversation_created(row).updated(Name::ConversationUpdated, fields)
    }

    pub fn ticket_created(row: &ticket::Model) -> Self {
        Self::of(Name::TicketCreated, row.workspace_id, row.id.0, row.customer_id)
            .about(Some(row.id), Some(row.conversation_id))
    }

    pub fn ticket_updated(row: &ticket::Model, fields: FieldChanges) -> Self {
        Self::ticket_created(row).updated(Name::TicketUpdated, fields)
    }

    pub fn message_created(row: &message::Model) -> Self {
        Self::of(Name::MessageCreated, row.workspace_id, row.id.0, row.customer_id)
            .about(row.ticket_id, Some(row.conversation_id))
            .internal(row.internal)
    }

    /// An object was deleted together with its customer.
    pub fn deleted_with(customer: &customer::Model, gone: DeletedObject) -> Self {
        let event = |name, object| Self::of(name, customer.workspace_id, object, customer.id);
        match gone {
            DeletedObject::Message {
                id,
                ticket,
                conversation,
                internal,
            } => event(Name::MessageDeleted, id.0)
                .about(ticket, Some(conversation))
                .internal(internal),
            DeletedObject::Ticket(id, conversation) => {
                event(Name::TicketDeleted, id.0).about(Some(id), Some(conversation))
            }
            DeletedObject::Conversation(id) => event(Name::ConversationDeleted, id.0).about(None, Some(id)),
        }
    }

    /// The workspace whose log receives the event.
    pub fn workspace(&self) -> WorkspaceId {
        self.0.workspace_id
    }
}

/// Assigns positions to events of one workspace and writes them. Must be the last step before the commit.
///
/// Returns the cursor of the last event, or `None` if `events` is empty.
pub async fn append(
    writing: &WriteTransaction,
    actor: &Viewer,
    now: Timestamp,
    events: Vec<NewEvent>,
) -> Result<Option<ChangeCursor>, StoreError> {
    let Some(workspace) = events.first().map(NewEvent::workspace) else {
        return Ok(None);
    };
    debug_assert!(
        events.iter().all(|event| event.workspace() == workspace),
        "one transaction, one workspace"
    );
    let (actor_kind, actor_id) = actor.identity.actor();
    let rows = events.into_iter().map(|event| Model {
        actor_kind,
        actor_id,
        at: now,
        ..event.0
    });
    let rows: Vec<Model> = rows.collect();
    let last = change::append(writing, workspace, &rows).await?;
    Ok(last.map(|place| ChangeCursor::at(workspace, place)))
}
