//! Table `team`: groups of agents.

use sea_orm::entity::prelude::*;

use crate::{TeamId, Timestamp, WorkspaceId};

/// One team of one workspace.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "team")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TeamId,
    /// The workspace that the team belongs to.
    pub workspace_id: WorkspaceId,
    /// What people call it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
