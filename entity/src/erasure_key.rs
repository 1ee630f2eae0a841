//! Table `erasure_key`: the key of a workspace's marks of erased customers. Random, and made with the first erasure.

use sea_orm::entity::prelude::*;

use crate::WorkspaceId;

/// The key of one workspace.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "erasure_key")]
pub struct Model {
    /// The workspace.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// 32 bytes.
    pub key: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
