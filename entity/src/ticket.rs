//! Table `ticket`: support tickets. Fields that change with every message are columns of `ticket_activity`: functions of
//! the store read and write both tables, and those of the library only the first one.

use sea_orm::entity::prelude::*;

use crate::{
    AgentId, ConversationId, CustomFields, CustomerId, QueueId, Tags, TeamId, TicketId, Timestamp,
    WorkspaceId, message::Direction,
};

/// Status of a ticket. The numbers give the order of lists by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, entity::Word)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum Status {
    /// Waits for an agent.
    #[default]
    #[sea_orm(num_value = 1)]
    Open,
    /// Waits for the customer.
    #[sea_orm(num_value = 2)]
    Pending,
    /// Answered. An inbound message opens the ticket again.
    #[sea_orm(num_value = 3)]
    Solved,
    /// Closed for good. An inbound message creates a follow-up ticket.
    #[sea_orm(num_value = 4)]
    Closed,
}

impl Status {
    /// Whether the status is open or pending.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Pending)
    }
}

/// Priority of a ticket. The numbers give the order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, entity::Word)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum Priority {
    /// Low priority.
    #[sea_orm(num_value = 1)]
    Low,
    /// Medium priority. The default.
    #[default]
    #[sea_orm(num_value = 2)]
    Medium,
    /// High priority.
    #[sea_orm(num_value = 3)]
    High,
    /// Urgent priority, the highest.
    #[sea_orm(num_value = 4)]
    Urgent,
}

/// One ticket.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ticket", model_attrs(derive(entity::Row, Default)))]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TicketId,
    /// Workspace of the ticket.
    pub workspace_id: WorkspaceId,
    /// Customer of the ticket.
    pub customer_id: CustomerId,
    /// Conversation that holds the messages of the ticket.
    pub conversation_id: ConversationId,
    /// Subject.
    pub subject: String,
    /// `subject` in lower case, for searches.
    pub subject_key: String,
    /// Status of the ticket.
    pub status: Status,
    /// Priority of the ticket.
    pub priority: Priority,
    /// Email address of the customer at the creation of the ticket.
    pub customer_email: String,
    /// Name of the customer at the creation of the ticket.
    pub customer_name: Option<String>,
    /// Origin of the ticket, as text.
    pub source: String,
    /// Agent to whom the ticket is assigned.
    pub assigned_to: Option<AgentId>,
    /// Team to which the ticket is assigned.
    pub team_id: Option<TeamId>,
    /// Queue of the ticket.
    pub queue_id: Option<QueueId>,
    /// Custom fields of the ticket.
    pub custom_fields: CustomFields,
    /// Type of resolution, as text.
    pub resolution_type: Option<String>,
    /// Labels.
    pub tags: Tags,
    /// Number of messages, without internal notes. In the table of activity.
    #[sea_orm(ignore)]
    pub message_count: i32,
    /// Time of the newest message, without internal notes. In the table of activity.
    #[sea_orm(ignore)]
    pub last_message_at: Option<Timestamp>,
    /// Time of the newest inbound message, without internal notes. In the table of activity.
    #[sea_orm(ignore)]
    pub last_inbound_at: Option<Timestamp>,
    /// Time of the newest outbound message, without internal notes. In the table of activity.
    #[sea_orm(ignore)]
    pub last_outbound_at: Option<Timestamp>,
    /// Time of the first outbound message, without internal notes. In the table of activity.
    #[sea_orm(ignore)]
    pub first_response_at: Option<Timestamp>,
    /// Number of changes from solved or closed to open or pending.
    pub reopened_count: i32,
    /// Time when the ticket last became solved or closed.
    pub resolved_at: Option<Timestamp>,
    /// Closed ticket that this ticket continues.
    pub follow_up_of_id: Option<TicketId>,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time when a field of the ticket last changed. New messages do not change it.
    pub updated_at: Timestamp,
    /// Version. Each change of `updated_at` increments it by one.
    pub version: i32,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Adds a message that is not internal to the figures.
    pub fn grow(&mut self, direction: Direction, at: Timestamp) {
        self.message_count += 1;
        self.last_message_at = self.last_message_at.max(Some(at));
        match direction {
            Direction::Inbound => self.last_inbound_at = self.last_inbound_at.max(Some(at)),
            Direction::Outbound => {
                self.last_outbound_at = self.last_outbound_at.max(Some(at));
                self.first_response_at = self.first_response_at.or(Some(at));
            }
        }
    }
}
