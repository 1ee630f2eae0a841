//! Table `word_index`: the version of the rules for search words and name keys, and the progress of the
//! index. The table has one row.

use sea_orm::entity::prelude::*;

use crate::CustomerId;

/// State of the index.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "word_index")]
pub struct Model {
    /// Version of the rules.
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i32,
    /// Last customer that the index covers. `None` at the start.
    pub last_id: Option<CustomerId>,
    /// Whether the index covers all customers.
    pub is_complete: bool,
}

impl ActiveModelBehavior for ActiveModel {}
