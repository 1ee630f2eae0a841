//! Table `conversation`: threads.

use sea_orm::entity::prelude::*;

use crate::{ConversationId, CustomFields, CustomerId, QueueId, Tags, Timestamp, WorkspaceId};

/// Where a conversation stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum Status {
    /// Goes on.
    #[default]
    #[sea_orm(num_value = 1)]
    Open,
    /// Sleeps until a moment.
    #[sea_orm(num_value = 2)]
    Snoozed,
    /// Over.
    #[sea_orm(num_value = 3)]
    Done,
}

/// One conversation.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ConversationId,
    /// The workspace that the conversation belongs to.
    pub workspace_id: WorkspaceId,
    /// The customer it is with.
    pub customer_id: CustomerId,
    /// Short name.
    pub name: Option<String>,
    /// How the customer writes: email, chat, sms, ….
    pub channel: String,
    /// Where it stands.
    pub status: Status,
    /// Until when it sleeps.
    pub snoozed_until: Option<Timestamp>,
    /// Where it waits.
    pub queue_id: Option<QueueId>,
    /// Labels.
    pub tags: Tags,
    /// Whatever the team keeps beside.
    pub custom_fields: CustomFields,
    /// The caller's own id of this conversation: unique in the workspace.
    pub external_id: Option<String>,
    /// How many messages it holds.
    pub message_count: i32,
    /// When the newest of them was written.
    pub last_message_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When a field of the conversation last changed; new messages do not count.
    pub updated_at: Timestamp,
    /// Advanced by one with `updated_at`.
    pub version: i32,
}

impl ActiveModelBehavior for ActiveModel {}
