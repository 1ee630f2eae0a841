//! Table `change`: the change log. One row for each event, at a dense position in its workspace.

use sea_orm::entity::prelude::*;

use crate::{ConversationId, CustomerId, TicketId, Timestamp, WorkspaceId};

/// What happened, by name. The numbers are stored and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum Name {
    /// A customer was made.
    #[sea_orm(num_value = 11)]
    CustomerCreated,
    /// Fields of a customer changed.
    #[sea_orm(num_value = 12)]
    CustomerUpdated,
    /// A customer was deleted, with everything of it.
    #[sea_orm(num_value = 13)]
    CustomerDeleted,
    /// A ticket was made.
    #[sea_orm(num_value = 21)]
    TicketCreated,
    /// Fields of a ticket changed.
    #[sea_orm(num_value = 22)]
    TicketUpdated,
    /// A ticket was deleted.
    #[sea_orm(num_value = 23)]
    TicketDeleted,
    /// A conversation was made.
    #[sea_orm(num_value = 31)]
    ConversationCreated,
    /// Fields of a conversation changed.
    #[sea_orm(num_value = 32)]
    ConversationUpdated,
    /// A conversation was deleted.
    #[sea_orm(num_value = 33)]
    ConversationDeleted,
    /// A message was written.
    #[sea_orm(num_value = 41)]
    MessageCreated,
    /// A message was deleted.
    #[sea_orm(num_value = 43)]
    MessageDeleted,
}

/// What kind of change it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Something was made.
    Created,
    /// Fields of something changed.
    Updated,
    /// Something was deleted.
    Deleted,
}

/// What kind of thing it happened to.
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

impl Name {
    /// All of them.
    pub const ALL: [Self; 11] = [
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

    /// What it happened to, and what it is.
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

    /// The name outside: `ticket.updated`.
    pub fn wire(self) -> &'static str {
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

/// What kind of viewer caused a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
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
    /// The operator, from the command line.
    #[sea_orm(num_value = 4)]
    Operator,
    /// The gateway itself, when a moment has come.
    #[sea_orm(num_value = 5)]
    System,
}

impl ActorKind {
    /// The name outside: `API_KEY`.
    pub fn wire(self) -> &'static str {
        match self {
            Self::Agent => "AGENT",
            Self::Customer => "CUSTOMER",
            Self::ApiKey => "API_KEY",
            Self::Operator => "OPERATOR",
            Self::System => "SYSTEM",
        }
    }
}

/// One event.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "change")]
pub struct Model {
    /// The workspace whose log it is in.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// Its place there: 1, 2, 3, … in the order of commits.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// What happened.
    pub name: Name,
    /// What it happened to.
    pub object_id: Uuid,
    /// The customer that it concerns.
    pub customer_id: CustomerId,
    /// The ticket that it concerns.
    pub ticket_id: Option<TicketId>,
    /// The conversation that it concerns.
    pub conversation_id: Option<ConversationId>,
    /// Who caused it, by kind.
    pub actor_kind: ActorKind,
    /// Who caused it; none for the operator and the gateway itself.
    pub actor_id: Option<Uuid>,
    /// Fields with their values before and after, for updates.
    pub fields: Option<Json>,
    /// When it was written.
    pub at: Timestamp,
    /// It tells of a note between those who answer: no customer sees it.
    pub internal: bool,
    /// The epoch in which it was written; 0 in the first.
    pub epoch: i64,
}

impl ActiveModelBehavior for ActiveModel {}
