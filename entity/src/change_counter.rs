//! Table `change_counter`: the newest position in the change log of each workspace.

use sea_orm::entity::prelude::*;

use crate::WorkspaceId;

/// Counter of one workspace.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "change_counter")]
pub struct Model {
    /// Workspace of the counter.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// Position of the newest event, or 0 before the first event.
    pub position: i64,
    /// Epoch of the next event. The first epoch is 0.
    pub epoch: i64,
}

impl ActiveModelBehavior for ActiveModel {}
