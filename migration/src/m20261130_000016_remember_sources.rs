//! What a source last told of each record, and what marks the customers that were erased.
//!
//! The column is added empty: neither database rewrites a row for it.

use sea_orm_migration::prelude::*;

use crate::schema::{add_columns, drop_columns, drop_tables, id, instant, reference, teach_sizes};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let told = ColumnDef::new(Alias::new("told")).blob().take();
        add_columns(manager, "external_reference", vec![told]).await?;

        let mut keys = Table::create().table(Alias::new("erasure_key")).to_owned();
        keys.col(id("workspace_id").primary_key())
            .col(ColumnDef::new(Alias::new("key")).blob().not_null())
            .foreign_key(&mut reference("erasure_key", "workspace_id", "workspace"));
        manager.create_table(keys).await?;

        let mut erased = Table::create().table(Alias::new("erased")).to_owned();
        erased
            .col(id("workspace_id"))
            .col(ColumnDef::new(Alias::new("mark")).blob().not_null())
            .col(instant("erased_at"))
            .primary_key(
                Index::create()
                    .col(Alias::new("workspace_id"))
                    .col(Alias::new("mark")),
            )
            .foreign_key(&mut reference("erased", "workspace_id", "workspace"));
        manager.create_table(erased).await?;
        teach_sizes(
            manager,
            &[
                ("erasure_key", "sqlite_autoindex_erasure_key_1", "10 1"),
                ("erased", "sqlite_autoindex_erased_1", "100000 10000 1"),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["erased", "erasure_key"]).await?;
        drop_columns(manager, "external_reference", &["told"]).await
    }
}
