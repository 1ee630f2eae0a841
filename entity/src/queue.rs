//! Table `queue`: where work waits.

use sea_orm::entity::prelude::*;

use crate::{QueueId, Timestamp, WorkspaceId};

/// One queue of one workspace.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "queue")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: QueueId,
    /// The workspace that the queue belongs to.
    pub workspace_id: WorkspaceId,
    /// What people call it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
