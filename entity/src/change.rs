//! Table `change`: the change log. Each event has one row. Positions in a workspace are consecutive, without
//! gaps.

use sea_orm::entity::prelude::*;

use crate::{ConversationId, CustomerId, TicketId, Timestamp, Word, WorkspaceId};

/// Name of an event. The numbers are stored in the database and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum Name {
    /// A customer was created.
    #[sea_orm(num_value = 11)]
    CustomerCreated,
    /// Fields of a customer changed.
    #[sea_orm(num_value = 12)]
    CustomerUpdated,
    /// A customer was deleted with all its tickets, conversations and messages.
    #[sea_orm(num_value = 13)]
    CustomerDeleted,
    /// A ticket was created.
    #[sea_orm(num_value = 21)]
    TicketCreated,
    /// Fields of a ticket changed.
    #[sea_orm(num_value = 22)]
    TicketUpdated,
    /// A ticket was deleted.
    #[sea_orm(num_value = 23)]
    TicketDeleted,
    /// A conversation was created.
    #[sea_orm(num_value = 31)]
    ConversationCreated,
    /// Fields of a conversation changed.
    #[sea_orm(num_value = 32)]
    ConversationUpdated,
    /// A conversation was deleted.
    #[sea_orm(num_value = 33)]
    ConversationDeleted,
    /// A message was created.
    #[sea_orm(num_value = 41)]
    MessageCreated,
    /// A message was deleted.
    #[sea_orm(num_value = 43)]
    MessageDeleted,
}

/// Kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An object was created.
    Created,
    /// Fields of an object changed.
    Updated,
    /// An object was deleted.
    Deleted,
}

/// Kind of object that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Object {
    /// A customer.
    Customer,
    /// A ticket.
    Ticket,
    /// A conversation.
    Conversation,
    /// A message.
    Message,
}

impl Word for Name {
    const ALL: &'static [Self] = &[
        Self::CustomerCreated,
        Self::CustomerUpdated,
        Self::CustomerDeleted,
        Self::TicketCreated,
        Self::TicketUpdated,
        Self::TicketDeleted,
        Self::ConversationCreated,
        Self::ConversationUpdated,
        Self::ConversationDeleted,
        Self::MessageCreated,
        Self::MessageDeleted,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::CustomerCreated => "customer.created",
            Self::CustomerUpdated => "customer.updated",
            Self::CustomerDeleted => "customer.deleted",
            Self::TicketCreated => "ticket.created",
            Self::TicketUpdated => "ticket.updated",
            Self::TicketDeleted => "ticket.deleted",
            Self::ConversationCreated => "conversation.created",
            Self::ConversationUpdated => "conversation.updated",
            Self::ConversationDeleted => "conversation.deleted",
            Self::MessageCreated => "message.created",
            Self::MessageDeleted => "message.deleted",
        }
    }
}

impl Name {
    /// Kind of object and kind of change.
    pub fn parts(self) -> (Object, Kind) {
        match self {
            Self::CustomerCreated => (Object::Customer, Kind::Created),
            Self::CustomerUpdated => (Object::Customer, Kind::Updated),
            Self::CustomerDeleted => (Object::Customer, Kind::Deleted),
            Self::TicketCreated => (Object::Ticket, Kind::Created),
            Self::TicketUpdated => (Object::Ticket, Kind::Updated),
            Self::TicketDeleted => (Object::Ticket, Kind::Deleted),
            Self::ConversationCreated => (Object::Conversation, Kind::Created),
            Self::ConversationUpdated => (Object::Conversation, Kind::Updated),
            Self::ConversationDeleted => (Object::Conversation, Kind::Deleted),
            Self::MessageCreated => (Object::Message, Kind::Created),
            Self::MessageDeleted => (Object::Message, Kind::Deleted),
        }
    }
}

/// Kind of actor that caused a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, entity::Word)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum ActorKind {
    /// An agent.
    #[sea_orm(num_value = 1)]
    Agent,
    /// A customer.
    #[sea_orm(num_value = 2)]
    Customer,
    /// A program with an API key.
    #[sea_orm(num_value = 3)]
    ApiKey,
    /// The operator, through the command line.
    #[sea_orm(num_value = 4)]
    Operator,
    /// The gateway itself, for changes that are due at a certain time.
    #[sea_orm(num_value = 5)]
    System,
}

/// One event.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "change")]
pub struct Model {
    /// Workspace of the change log.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// Position in the change log of the workspace: 1, 2, 3, … in commit order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// Event name.
    pub name: Name,
    /// Id of the object that changed.
    pub object_id: Uuid,
    /// Customer of the object.
    pub customer_id: CustomerId,
    /// Ticket of the object.
    pub ticket_id: Option<TicketId>,
    /// Conversation of the object.
    pub conversation_id: Option<ConversationId>,
    /// Kind of actor that caused the event.
    pub actor_kind: ActorKind,
    /// Id of the actor. `None` for the operator and the gateway itself.
    pub actor_id: Option<Uuid>,
    /// Changed fields with their values before and after. Only updates have them.
    pub fields: Option<Json>,
    /// Time when the event was written.
    pub at: Timestamp,
    /// Whether the event is about an internal note. Customers do not see such events.
    pub internal: bool,
    /// Epoch in which the event was written. The first epoch is 0.
    pub epoch: i64,
}

impl ActiveModelBehavior for ActiveModel {}
