//! The epochs of each change log: where a history begins that other databases do not share.
//!
//! Rows that are there belong to the first epoch, whose id is 0. The columns have a constant default, so that no row is
//! written.

use sea_orm_migration::prelude::*;

use crate::schema::{
    add_columns, drop_columns, drop_tables, id, instant, reference, small, teach_sizes, text,
};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// The counter tells the epoch of the next event, each event that in which it was written.
const TABLES: [&str; 2] = ["change_counter", "change"];

fn number(name: &'static str) -> ColumnDef {
    ColumnDef::new(Alias::new(name)).big_integer().not_null().take()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            add_columns(manager, table, vec![number("epoch").default(0).take()]).await?;
        }
        let mut epoch = Table::create().table(Alias::new("epoch")).to_owned();
        epoch
            .col(id("workspace_id"))
            .col(number("position"))
            .col(number("id"))
            .col(instant("begun_at"))
            .primary_key(
                Index::create()
                    .col(Alias::new("workspace_id"))
                    .col(Alias::new("position")),
            )
            .foreign_key(&mut reference("epoch", "workspace_id", "workspace"));
        manager.create_table(epoch).await?;
        let mut identity = Table::create().table(Alias::new("identity")).to_owned();
        identity.col(small("id").primary_key()).col(text("parts"));
        manager.create_table(identity).await?;
        teach_sizes(manager, &[("epoch", "sqlite_autoindex_epoch_1", "100 5 1")]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["identity", "epoch"]).await?;
        for table in TABLES {
            drop_columns(manager, table, &["epoch"]).await?;
        }
        Ok(())
    }
}
