//! Table `erased`: marks of customers that were erased, so that no import brings them back. A mark is a keyed hash: it
//! tells nothing to those who do not have the words that it was made of.

use sea_orm::entity::prelude::*;

use crate::{Timestamp, WorkspaceId};

/// One mark.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "erased")]
pub struct Model {
    /// The workspace in which the customer was.
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: WorkspaceId,
    /// HMAC-SHA-256 of an id or an address under the key of the workspace.
    #[sea_orm(primary_key, auto_increment = false)]
    pub mark: Vec<u8>,
    /// When the customer was erased.
    pub erased_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}
