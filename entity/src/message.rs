//! Table `message`: utterances. Written once, never changed.

use sea_orm::entity::prelude::*;

use crate::{AgentId, Attachments, ConversationId, CustomerId, MessageId, TicketId, Timestamp, WorkspaceId};

/// Which way a message went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
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
#[sea_orm(table_name = "message")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MessageId,
    /// The workspace that the message belongs to.
    pub workspace_id: WorkspaceId,
    /// The customer of the conversation.
    pub customer_id: CustomerId,
    /// The thread that it is in.
    pub conversation_id: ConversationId,
    /// The ticket that it was written in.
    pub ticket_id: Option<TicketId>,
    /// Which way it went.
    pub direction: Direction,
    /// Address of the sender as given.
    pub sender_email: String,
    /// Name of the sender as given.
    pub sender_name: Option<String>,
    /// The agent with that address when it was written.
    pub sender_agent_id: Option<AgentId>,
    /// The customer with that address when it was written.
    pub sender_customer_id: Option<CustomerId>,
    /// Plain text.
    pub body: String,
    /// Cleaned HTML.
    pub body_html: Option<String>,
    /// Mood of an inbound message in ten-thousandths, -10 000 to 10 000; none when not scored.
    pub sentiment_score: Option<i16>,
    /// When it was written.
    pub created_at: Timestamp,
    /// A note between those who answer: no customer sees it.
    pub internal: bool,
    /// Files that came with it.
    pub attachments: Attachments,
}

impl ActiveModelBehavior for ActiveModel {}
