//! Table `ticket`: cases.

use sea_orm::entity::prelude::*;

use crate::{
    AgentId, ConversationId, CustomFields, CustomerId, QueueId, Tags, TeamId, TicketId, Timestamp,
    WorkspaceId,
};

/// Where a ticket stands. The numbers are the order in which a list by status shows them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum Status {
    /// Waits for an agent.
    #[default]
    #[sea_orm(num_value = 1)]
    Open,
    /// Waits for the customer.
    #[sea_orm(num_value = 2)]
    Pending,
    /// Answered; an inbound message opens it again.
    #[sea_orm(num_value = 3)]
    Solved,
    /// Done for good; an inbound message makes a follow-up ticket.
    #[sea_orm(num_value = 4)]
    Closed,
}

impl Status {
    /// Open or pending.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Pending)
    }
}

/// How urgent a ticket is. The numbers are the order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum Priority {
    /// Can wait.
    #[sea_orm(num_value = 1)]
    Low,
    /// The default.
    #[default]
    #[sea_orm(num_value = 2)]
    Medium,
    /// Before the others.
    #[sea_orm(num_value = 3)]
    High,
    /// Now.
    #[sea_orm(num_value = 4)]
    Urgent,
}

/// One ticket.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ticket")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TicketId,
    /// The workspace that the ticket belongs to.
    pub workspace_id: WorkspaceId,
    /// Who asks.
    pub customer_id: CustomerId,
    /// The thread that the ticket's messages are in.
    pub conversation_id: ConversationId,
    /// What it is about.
    pub subject: String,
    /// `subject` in lower case, to search in.
    pub subject_key: String,
    /// Where it stands.
    pub status: Status,
    /// How urgent it is.
    pub priority: Priority,
    /// Address given when the ticket was made.
    pub customer_email: String,
    /// Name given when the ticket was made.
    pub customer_name: Option<String>,
    /// Where it came from.
    pub source: String,
    /// The agent who has it.
    pub assigned_to: Option<AgentId>,
    /// The team that has it.
    pub team_id: Option<TeamId>,
    /// Where it waits.
    pub queue_id: Option<QueueId>,
    /// Whatever the team keeps beside.
    pub custom_fields: CustomFields,
    /// How it was resolved, as text.
    pub resolution_type: Option<String>,
    /// Labels.
    pub tags: Tags,
    /// How many messages it holds.
    pub message_count: i32,
    /// When the newest of them was written.
    pub last_message_at: Option<Timestamp>,
    /// When it last became solved or closed.
    pub resolved_at: Option<Timestamp>,
    /// The closed ticket that it continues.
    pub follow_up_of_id: Option<TicketId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When a field of the ticket last changed; new messages do not count.
    pub updated_at: Timestamp,
    /// Advanced by one with `updated_at`.
    pub version: i32,
}

impl ActiveModelBehavior for ActiveModel {}
