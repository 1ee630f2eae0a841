//! Table `identity`: the file or server that held this database at its last use. The table has one row.

use sea_orm::entity::prelude::*;

/// Identity of the file or server.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identity")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i16,
    /// Parts that distinguish the file or server from others, in the format of the store.
    pub parts: String,
}

impl ActiveModelBehavior for ActiveModel {}
