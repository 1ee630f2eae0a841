//! The change log, its counters, and the references that imports leave.

use sea_orm_migration::prelude::*;

use crate::schema::{drop_tables, id, id_or_null, instant, reference, run, small, text};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut counter = Table::create().table(Alias::new("change_counter")).to_owned();
        counter
            .col(id("workspace_id").primary_key())
            .col(ColumnDef::new(Alias::new("position")).big_integer().not_null())
            .foreign_key(&mut reference("change_counter", "workspace_id", "workspace"));
        manager.create_table(counter).await?;

        let mut change = Table::create().table(Alias::new("change")).to_owned();
        change
            .col(id("workspace_id"))
            .col(ColumnDef::new(Alias::new("position")).big_integer().not_null())
            .col(small("name"))
            .col(id("object_id"))
            .col(id("customer_id"))
            .col(id_or_null("ticket_id"))
            .col(id_or_null("conversation_id"))
            .col(small("actor_kind"))
            .col(id_or_null("actor_id"))
            .col(ColumnDef::new(Alias::new("fields")).json_binary())
            .col(instant("at"))
            .primary_key(
                Index::create()
                    .col(Alias::new("workspace_id"))
                    .col(Alias::new("position")),
            );
        manager.create_table(change).await?;

        let mut external = Table::create().table(Alias::new("external_reference")).to_owned();
        external
            .col(id("workspace_id"))
            .col(text("system"))
            .col(small("kind"))
            .col(text("external_id"))
            .col(id("object_id"))
            .primary_key(
                Index::create()
                    .col(Alias::new("workspace_id"))
                    .col(Alias::new("system"))
                    .col(Alias::new("kind"))
                    .col(Alias::new("external_id")),
            );
        manager.create_table(external).await?;

        run(
            manager,
            &[
                "CREATE INDEX change_of_object ON change (object_id, position)",
                "CREATE INDEX external_reference_of_object ON external_reference (object_id)",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["external_reference", "change", "change_counter"]).await
    }
}
