//! Table `identity`: the file or server that held this database when it was last used. One row.

use sea_orm::entity::prelude::*;

/// The identity.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identity")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i16,
    /// What tells it from others, as the store writes it.
    pub parts: String,
}

impl ActiveModelBehavior for ActiveModel {}
