//! Table `conversation`: message threads.

use sea_orm::entity::prelude::*;

use crate::{ConversationId, CustomFields, CustomerId, QueueId, Tags, Timestamp, WorkspaceId};

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
    /// Number of messages, without internal notes.
    pub message_count: i32,
    /// Time of the newest message, without internal notes.
    pub last_message_at: Option<Timestamp>,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time when a field of the conversation last changed. New messages do not change it.
    pub updated_at: Timestamp,
    /// Version. Each change of `updated_at` increments it by one.
    pub version: i32,
}

impl ActiveModelBehavior for ActiveModel {}
