//! Table `workspace`: the data boundary.

use sea_orm::entity::prelude::*;

use crate::{Timestamp, WorkspaceId};

/// One tenant: Keva's workspace, C-Star's team, Kustomer's org.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "workspace")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WorkspaceId,
    /// What people call it.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
