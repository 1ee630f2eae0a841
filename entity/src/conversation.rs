//! Table `conversation`: message threads. Fields that change with every message are columns of
//! `conversation_activity`: functions of the store read and write both tables, and those of the library only the first
//! one.

use sea_orm::entity::prelude::*;

use crate::{
    ConversationId, CustomFields, CustomerId, QueueId, Tags, Timestamp, WorkspaceId,
    conversation_activity::waiting_since, message::Direction,
};

/// Status of a conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, entity::Word)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum Status {
    /// In progress.
    #[default]
    #[sea_orm(num_value = 1)]
    Open,
    /// Paused until a point in time.
    #[sea_orm(num_value = 2)]
    Snoozed,
    /// Finished.
    #[sea_orm(num_value = 3)]
    Done,
}

/// One conversation.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation", model_attrs(derive(entity::Row, Default)))]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ConversationId,
    /// Workspace of the conversation.
    pub workspace_id: WorkspaceId,
    /// Customer of the conversation.
    pub customer_id: CustomerId,
    /// Short name.
    pub name: Option<String>,
    /// Channel through which the customer writes, such as `email`, `chat` or `sms`.
    pub channel: String,
    /// Status of the conversation.
    pub status: Status,
    /// Time when a snoozed conversation opens again.
    pub snoozed_until: Option<Timestamp>,
    /// Queue of the conversation.
    pub queue_id: Option<QueueId>,
    /// Labels.
    pub tags: Tags,
    /// Custom fields of the conversation.
    pub custom_fields: CustomFields,
    /// Id in the caller's system. Unique in the workspace.
    pub external_id: Option<String>,
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
    /// Time since which the customer waits for a reply, as in the table of activity.
    #[sea_orm(ignore)]
    pub waiting_since: Timestamp,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time when a field of the conversation last changed. New messages do not change it.
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
            Direction::Outbound => self.last_outbound_at = self.last_outbound_at.max(Some(at)),
        }
        self.waiting_since = waiting_since(self.last_inbound_at, self.last_outbound_at);
    }
}
