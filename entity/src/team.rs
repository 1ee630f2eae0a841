//! Table `team`: groups of agents.

use sea_orm::entity::prelude::*;

use crate::{TeamId, Timestamp, WorkspaceId};

/// One team of one workspace.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "team", model_attrs(derive(entity::Row)))]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TeamId,
    /// Workspace of the team.
    pub workspace_id: WorkspaceId,
    /// Display name.
    pub name: String,
    /// Time of creation.
    pub created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
