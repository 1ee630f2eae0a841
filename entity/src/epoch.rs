//! Table `epoch`: the start of each epoch of a change log. The first epoch has no row, unless another epoch
//! replaced it.

use sea_orm::entity::prelude::*;

use crate::{Timestamp, WorkspaceId};

/// One epoch of one workspace.
#[sea_orm::model]
#[derive(Clone, Copy, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "epoch")]
pub struct Model {
    /// Workspace of the change log.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// Last position before the epoch.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// Random number. Two databases that are copies of one database begin different epochs.
    pub id: i64,
    /// Time when the epoch began.
    pub begun_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
