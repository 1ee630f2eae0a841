//! Table `conversation_activity`: the values of conversations that change with every message.

use sea_orm::entity::prelude::*;

use crate::{
    ConversationId, Timestamp, WorkspaceId,
    conversation::{self, Status},
};

/// Activity of one conversation.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation_activity")]
pub struct Model {
    /// Conversation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ConversationId,
    /// Workspace of the conversation.
    pub workspace_id: WorkspaceId,
    /// Status of the conversation.
    pub status: Status,
    /// Number of messages, without internal notes.
    pub message_count: i32,
    /// Time of the newest message, without internal notes.
    pub last_message_at: Option<Timestamp>,
    /// Time of the newest inbound message, without internal notes.
    pub last_inbound_at: Option<Timestamp>,
    /// Time of the newest outbound message, without internal notes.
    pub last_outbound_at: Option<Timestamp>,
    /// `last_inbound_at` while it is later than `last_outbound_at`, otherwise [`NEVER`].
    pub waiting_since: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

/// `waiting_since` of a conversation in which no customer waits for a reply. It sorts after every time.
pub const NEVER: Timestamp = Timestamp(i64::MAX);

/// Returns the time since which the customer waits for a reply.
pub fn waiting_since(last_inbound_at: Option<Timestamp>, last_outbound_at: Option<Timestamp>) -> Timestamp {
    match last_inbound_at {
        Some(at) if last_inbound_at > last_outbound_at => at,
        _ => NEVER,
    }
}

impl From<&conversation::Model> for Model {
    fn from(row: &conversation::Model) -> Self {
        Self {
            id: row.id,
            workspace_id: row.workspace_id,
            status: row.status,
            message_count: row.message_count,
            last_message_at: row.last_message_at,
            last_inbound_at: row.last_inbound_at,
            last_outbound_at: row.last_outbound_at,
            waiting_since: waiting_since(row.last_inbound_at, row.last_outbound_at),
        }
    }
}
