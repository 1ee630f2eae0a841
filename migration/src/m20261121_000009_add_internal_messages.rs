//! Messages between those who answer, and their events: no customer sees them.

use sea_orm_migration::prelude::*;

use crate::schema::{add_columns, drop_columns, flag};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// The log says it too, so that whoever follows it is not told of a message that was deleted since.
const TABLES: [&str; 2] = ["message", "change"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            add_columns(manager, table, vec![flag("internal")]).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            drop_columns(manager, table, &["internal"]).await?;
        }
        Ok(())
    }
}
