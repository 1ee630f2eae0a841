//! Table `api_key_workspace`: the workspaces that each API key can access.

use sea_orm::entity::prelude::*;

use crate::{ApiKeyId, WorkspaceId};

/// One workspace of one key.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_key_workspace")]
pub struct Model {
    /// API key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub api_key_id: ApiKeyId,
    /// Workspace that the key can access.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
}

impl ActiveModelBehavior for ActiveModel {}
