//! Table `erased`: marks of erased customers, which keep imports from creating these customers again. A mark
//! is a keyed hash. Without the original id or address, it reveals nothing.

use sea_orm::entity::prelude::*;

use crate::{Timestamp, WorkspaceId};

/// One mark.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "erased")]
pub struct Model {
    /// Workspace of the customer.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// HMAC-SHA-256 of an id or an address under the key of the workspace.
    #[sea_orm(primary_key, auto_increment = false)]
    pub mark: Vec<u8>,
    /// Time of the erasure.
    pub erased_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
