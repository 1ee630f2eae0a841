//! Table `change_counter`: the newest position of each workspace's change log.

use sea_orm::entity::prelude::*;

use crate::WorkspaceId;

/// The counter of one workspace.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "change_counter")]
pub struct Model {
    /// The workspace.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// The position of its newest event; 0 before the first.
    pub position: i64,
    /// The epoch of the next event; 0 in the first.
    pub epoch: i64,
}

impl ActiveModelBehavior for ActiveModel {}
