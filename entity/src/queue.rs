//! Table `queue`: queues of tickets and conversations that wait for an agent.

use sea_orm::entity::prelude::*;

use crate::{QueueId, Timestamp, WorkspaceId};

/// One queue of one workspace.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "queue", model_attrs(derive(entity::Row)))]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: QueueId,
    /// Workspace of the queue.
    pub workspace_id: WorkspaceId,
    /// Display name.
    pub name: String,
    /// Time of creation.
    pub created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
