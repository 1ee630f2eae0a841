//! Brings databases of the first days to the state of all others.
//!
//! Steps 3 and 5 were changed hours after they were added, before any release: the first ones did not index the objects
//! of external references, and called the table of addresses `customer_email`. Databases that were made in between are
//! mended here; for all others this step does nothing.

use sea_orm_migration::prelude::*;

use crate::schema::run;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index =
            "CREATE INDEX IF NOT EXISTS external_reference_of_object ON external_reference (object_id)";
        run(manager, &[index]).await?;
        if !manager.has_table("customer_email").await? {
            return Ok(());
        }
        run(
            manager,
            &[
                "DROP INDEX customer_email_of_customer",
                "ALTER TABLE customer_email RENAME TO customer_address",
                "CREATE INDEX customer_address_of_customer ON customer_address (customer_id)",
            ],
        )
        .await
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}
