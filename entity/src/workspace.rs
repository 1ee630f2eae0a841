//! Table `workspace`: tenants, the boundary of all data.

use sea_orm::entity::prelude::*;

use crate::{Timestamp, WorkspaceId};

/// One tenant. It corresponds to a workspace of Keva, a team of C-Star and an organization of Kustomer.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "workspace")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: WorkspaceId,
    /// Display name.
    pub name: String,
    /// Time of creation.
    pub created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
