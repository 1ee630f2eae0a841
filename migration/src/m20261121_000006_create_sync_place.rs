//! How far a sync with another system came, so that one that was cut off goes on from there.

use sea_orm_migration::prelude::*;

use crate::schema::{drop_tables, id, instant, reference, text};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut place = Table::create().table(Alias::new("sync_place")).to_owned();
        place
            .col(id("workspace_id"))
            .col(text("system"))
            .col(text("resource"))
            .col(text("place"))
            .col(instant("started_at"))
            .col(instant("updated_at"))
            .primary_key(
                Index::create()
                    .col(Alias::new("workspace_id"))
                    .col(Alias::new("system"))
                    .col(Alias::new("resource")),
            )
            .foreign_key(&mut reference("sync_place", "workspace_id", "workspace"));
        manager.create_table(place).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["sync_place"]).await
    }
}
