//! Table `sync_place`: how far a sync with another system came. A sync that ends well leaves none.

use sea_orm::entity::prelude::*;

use crate::{Timestamp, WorkspaceId};

/// How far one resource came.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sync_place")]
pub struct Model {
    /// The workspace that the rows go to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// The other system: `keva`, ….
    #[sea_orm(primary_key, auto_increment = false)]
    pub system: String,
    /// What is read: `customers`, ….
    #[sea_orm(primary_key, auto_increment = false)]
    pub resource: String,
    /// Where to go on, in the words of the import.
    pub place: String,
    /// When this sync of the resource began.
    pub started_at: Timestamp,
    /// When it last came further.
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
