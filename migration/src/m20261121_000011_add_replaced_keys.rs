//! Which API key took the place of another: whoever rotates a key twice is told, and lists show it.

use sea_orm_migration::prelude::*;

use crate::schema::{add_columns, drop_columns, id_or_null};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, "api_key", vec![id_or_null("replaced_by_id")]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_columns(manager, "api_key", &["replaced_by_id"]).await
    }
}
