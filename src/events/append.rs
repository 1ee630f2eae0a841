//! Appends events to the log, inside the transaction that causes them.

use entity::{
    ConversationId, CustomerId, MessageId, TicketId, Timestamp, WorkspaceId,
    change::{Model, Name},
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

/// An event that has no position yet.
#[derive(Debug)]
pub struct NewEvent {
    workspace: WorkspaceId,
    name: Name,
    object: Uuid,
    customer: CustomerId,
    ticket: Option<TicketId>,
    conversation: Option<ConversationId>,
    fields: Option<serde_json::Value>,
    internal: bool,
}

impl NewEvent {
    pub fn customer_created(row: &customer::Model) -> Self {
        Self {
            workspace: row.workspace_id,
            name: Name::CustomerCreated,
            object: row.id.0,
            customer: row.id,
            ticket: None,
            conversation: None,
            fields: None,
            internal: false,
        }
    }

    pub fn customer_updated(row: &customer::Model, fields: FieldChanges) -> Self {
        let event = Self::customer_created(row);
        Self {
            name: Name::CustomerUpdated,
            fields: Some(fields.into_json()),
            ..event
        }
    }

    pub fn conversation_created(row: &conversation::Model) -> Self {
        Self {
            workspace: row.workspace_id,
            name: Name::ConversationCreated,
            object: row.id.0,
            customer: row.customer_id,
            ticket: None,
            conversation: Some(row.id),
            fields: None,
            internal: false,
        }
    }

    pub fn conversation_updated(row: &conversation::Model, fields: FieldChanges) -> Self {
        let event = Self::conversation_created(row);
        Self {
            name: Name::ConversationUpdated,
            fields: Some(fields.into_json()),
            ..event
        }
    }

    pub fn ticket_created(row: &ticket::Model) -> Self {
        Self {
            workspace: row.workspace_id,
            name: Name::TicketCreated,
            object: row.id.0,
            customer: row.customer_id,
            ticket: Some(row.id),
            conversation: Some(row.conversation_id),
            fields: None,
            internal: false,
        }
    }

    pub fn ticket_updated(row: &ticket::Model, fields: FieldChanges) -> Self {
        let event = Self::ticket_created(row);
        Self {
            name: Name::TicketUpdated,
            fields: Some(fields.into_json()),
            ..event
        }
    }

    pub fn message_created(row: &message::Model) -> Self {
        Self {
            workspace: row.workspace_id,
            name: Name::MessageCreated,
            object: row.id.0,
            customer: row.customer_id,
            ticket: row.ticket_id,
            conversation: Some(row.conversation_id),
            fields: None,
            internal: row.internal,
        }
    }

    pub fn customer_deleted(row: &customer::Model) -> Self {
        let event = Self::customer_created(row);
        Self {
            name: Name::CustomerDeleted,
            ..event
        }
    }

    /// An object was deleted together with its customer.
    pub fn deleted_with(customer: &customer::Model, gone: DeletedObject) -> Self {
        let is_note = matches!(gone, DeletedObject::Message { internal: true, .. });
        let (name, object, ticket, conversation) = match gone {
            DeletedObject::Message {
                id,
                ticket,
                conversation,
                ..
            } => (Name::MessageDeleted, id.0, ticket, Some(conversation)),
            DeletedObject::Ticket(id, conversation) => {
                (Name::TicketDeleted, id.0, Some(id), Some(conversation))
            }
            DeletedObject::Conversation(id) => (Name::ConversationDeleted, id.0, None, Some(id)),
        };
        Self {
            workspace: customer.workspace_id,
            name,
            object,
            customer: customer.id,
            ticket,
            conversation,
            fields: None,
            internal: is_note,
        }
    }

    /// The workspace whose log receives the event.
    pub fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    /// The row of the event, still without position and epoch.
    fn row(self, actor: &Viewer, now: Timestamp) -> Model {
        let (actor_kind, actor_id) = actor.identity.actor();
        Model {
            workspace_id: self.workspace,
            position: 0,
            name: self.name,
            object_id: self.object,
            customer_id: self.customer,
            ticket_id: self.ticket,
            conversation_id: self.conversation,
            actor_kind,
            actor_id,
            fields: self.fields,
            at: now,
            internal: self.internal,
            epoch: 0,
        }
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
        events.iter().all(|event| event.workspace == workspace),
        "one transaction, one workspace"
    );
    let rows: Vec<Model> = events.into_iter().map(|event| event.row(actor, now)).collect();
    let last = change::append(writing, workspace, &rows).await?;
    Ok(last.map(|place| ChangeCursor::at(workspace, place)))
}
