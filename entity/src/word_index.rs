//! Table `word_index`: by which rules stored words and keys of names were made, and how far that went. It has one row.

use sea_orm::entity::prelude::*;

use crate::CustomerId;

/// The state of the index.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "word_index")]
pub struct Model {
    /// The version of the rules.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    /// Customers up to this one are done; none at the beginning.
    pub last_id: Option<CustomerId>,
    /// All are.
    pub is_complete: bool,
}

impl ActiveModelBehavior for ActiveModel {}
