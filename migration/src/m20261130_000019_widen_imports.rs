//! What imports keep beside: the attachments of messages, and as what a record was told when what hangs below it was read.
//!
//! No row is rewritten: both databases keep the default of a new column once for the whole table.

use sea_orm_migration::prelude::*;

use crate::schema::{add_columns, drop_columns, json_list, text_or_null};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, "message", vec![json_list("attachments")]).await?;
        let columns = vec![text_or_null("told_as"), text_or_null("read_as")];
        add_columns(manager, "external_reference", columns).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_columns(manager, "external_reference", &["told_as", "read_as"]).await?;
        drop_columns(manager, "message", &["attachments"]).await
    }
}
