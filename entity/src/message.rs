//! Table `message`: messages. Rows are written once and never change.

use sea_orm::entity::prelude::*;

use crate::{AgentId, Attachments, ConversationId, CustomerId, MessageId, TicketId, Timestamp, WorkspaceId};

/// Direction of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, entity::Word)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum Direction {
    /// From the customer.
    #[default]
    #[sea_orm(num_value = 1)]
    Inbound,
    /// To the customer.
    #[sea_orm(num_value = 2)]
    Outbound,
}

/// One message.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message", model_attrs(derive(entity::Row)))]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MessageId,
    /// Workspace of the message.
    pub workspace_id: WorkspaceId,
    /// Customer of the conversation.
    pub customer_id: CustomerId,
    /// Conversation of the message.
    pub conversation_id: ConversationId,
    /// Ticket in which the message was written.
    pub ticket_id: Option<TicketId>,
    /// Direction of the message.
    pub direction: Direction,
    /// Email address of the sender as the caller sent it, with its original case.
    pub sender_email: String,
    /// Name of the sender as the caller sent it.
    pub sender_name: Option<String>,
    /// Agent that had this address when the message was written.
    pub sender_agent_id: Option<AgentId>,
    /// Customer that had this address when the message was written.
    pub sender_customer_id: Option<CustomerId>,
    /// Plain text.
    pub body: String,
    /// Sanitized HTML.
    pub body_html: Option<String>,
    /// Sentiment of an inbound message in ten-thousandths, -10 000 to 10 000. `None` without a score.
    pub sentiment_score: Option<i16>,
    /// Time when the message was written.
    pub created_at: Timestamp,
    /// Whether the message is an internal note. Customers do not see internal notes.
    pub internal: bool,
    /// Files of the message.
    pub attachments: Attachments,
}

impl ActiveModelBehavior for ActiveModel {}

/// Message without its HTML, which lists seldom need.
#[derive(Clone, Debug, PartialEq, Eq, entity::Row)]
pub struct MessageRow {
    /// Primary key.
    pub id: MessageId,
    /// Workspace of the message.
    pub workspace_id: WorkspaceId,
    /// Customer of the conversation.
    pub customer_id: CustomerId,
    /// Conversation of the message.
    pub conversation_id: ConversationId,
    /// Ticket in which the message was written.
    pub ticket_id: Option<TicketId>,
    /// Direction of the message.
    pub direction: Direction,
    /// Email address of the sender as the caller sent it, with its original case.
    pub sender_email: String,
    /// Name of the sender as the caller sent it.
    pub sender_name: Option<String>,
    /// Agent that had this address when the message was written.
    pub sender_agent_id: Option<AgentId>,
    /// Customer that had this address when the message was written.
    pub sender_customer_id: Option<CustomerId>,
    /// Plain text.
    pub body: String,
    /// Time when the message was written.
    pub created_at: Timestamp,
    /// Whether the message is an internal note. Customers do not see internal notes.
    pub internal: bool,
    /// Files of the message.
    pub attachments: Attachments,
}

impl From<Model> for MessageRow {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            workspace_id: row.workspace_id,
            customer_id: row.customer_id,
            conversation_id: row.conversation_id,
            ticket_id: row.ticket_id,
            direction: row.direction,
            sender_email: row.sender_email,
            sender_name: row.sender_name,
            sender_agent_id: row.sender_agent_id,
            sender_customer_id: row.sender_customer_id,
            body: row.body,
            created_at: row.created_at,
            internal: row.internal,
            attachments: row.attachments,
        }
    }
}
