//! Table `sync_place`: the progress of a sync with another system. A sync that succeeds deletes its rows.

use sea_orm::entity::prelude::*;

use crate::{Timestamp, WorkspaceId};

/// Progress of one resource.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_place")]
pub struct Model {
    /// Workspace into which the sync writes.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// Name of the other system, such as `keva`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub system: String,
    /// Resource that the sync reads, such as `customers`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub resource: String,
    /// Position where the sync continues, in the format of the import.
    pub place: String,
    /// Time when this sync of the resource began.
    pub started_at: Timestamp,
    /// Time of the last progress.
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
