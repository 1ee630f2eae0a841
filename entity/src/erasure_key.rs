//! Table `erasure_key`: the key of the erasure marks of each workspace. The first erasure generates it at
//! random.

use sea_orm::entity::prelude::*;

use crate::WorkspaceId;

/// Key of one workspace.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "erasure_key")]
pub struct Model {
    /// Workspace of the key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// Key of 32 bytes.
    pub key: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
