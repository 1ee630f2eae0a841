//! Table `epoch`: where each epoch of a change log begins. The first has no row, unless another one took its place.

use sea_orm::entity::prelude::*;

use crate::{Timestamp, WorkspaceId};

/// An epoch of one workspace.
#[sea_orm::model]
#[derive(Clone, Copy, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "epoch")]
pub struct Model {
    /// The workspace whose log it is in.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// The last position before it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// A random number: two databases that came from one begin different epochs.
    pub id: i64,
    /// When it was begun.
    pub begun_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
