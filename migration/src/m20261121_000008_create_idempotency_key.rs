//! What was done under a caller's key, so that a request that comes again is answered and not done again.

use sea_orm_migration::prelude::*;

use crate::schema::{drop_tables, id, instant, run, small, teach_sizes, text, text_or_null};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut keys = Table::create().table(Alias::new("idempotency_key")).to_owned();
        keys.col(small("holder_kind"))
            .col(id("holder_id"))
            .col(text("key"))
            .col(text("arguments"))
            .col(text_or_null("outcome"))
            .col(instant("used_at"))
            .primary_key(
                Index::create()
                    .col(Alias::new("holder_kind"))
                    .col(Alias::new("holder_id"))
                    .col(Alias::new("key")),
            );
        manager.create_table(keys).await?;
        run(
            manager,
            &["CREATE INDEX idempotency_key_used ON idempotency_key (used_at)"],
        )
        .await?;
        teach_sizes(
            manager,
            &[
                (
                    "idempotency_key",
                    "sqlite_autoindex_idempotency_key_1",
                    "100000 30000 1000 1",
                ),
                ("idempotency_key", "idempotency_key_used", "100000 1"),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["idempotency_key"]).await
    }
}
