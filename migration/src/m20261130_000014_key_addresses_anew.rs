//! Gives addresses their key of today: in lower case from A to Z, and otherwise as they are written.
//!
//! Keys were in the lower case of every script. Only addresses with other than ASCII characters differ: rows without one
//! are read, and not written.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::schema::run;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let statements: [&str; 4] = match manager.get_database_backend() {
            DbBackend::Postgres => [
                "UPDATE agent SET email_key = lower(email COLLATE \"C\") WHERE email ~ '[^ -~]'",
                "UPDATE customer SET email_key = lower(email COLLATE \"C\") WHERE email ~ '[^ -~]'",
                "INSERT INTO customer_address (workspace_id, email_key, customer_id) \
                 SELECT DISTINCT c.workspace_id, lower((e ->> 'email') COLLATE \"C\"), c.id \
                 FROM customer c, jsonb_array_elements(c.emails) e WHERE e ->> 'email' ~ '[^ -~]' \
                 ON CONFLICT DO NOTHING",
                "DELETE FROM customer_address a USING customer c WHERE c.id = a.customer_id \
                 AND c.emails::text ~ '[^ -~]' AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(c.emails) e \
                 WHERE lower((e ->> 'email') COLLATE \"C\") = a.email_key)",
            ],
            _ => [
                "UPDATE agent SET email_key = lower(email) WHERE email GLOB '*[^ -~]*'",
                "UPDATE customer SET email_key = lower(email) WHERE email GLOB '*[^ -~]*'",
                "INSERT OR IGNORE INTO customer_address (workspace_id, email_key, customer_id) \
                 SELECT c.workspace_id, lower(e.value ->> 'email'), c.id \
                 FROM customer c, json_each(c.emails) e WHERE e.value ->> 'email' GLOB '*[^ -~]*'",
                "DELETE FROM customer_address AS a WHERE a.customer_id IN (\
                 SELECT id FROM customer WHERE emails GLOB '*[^ -~]*') AND NOT EXISTS (\
                 SELECT 1 FROM customer c, json_each(c.emails) e \
                 WHERE c.id = a.customer_id AND lower(e.value ->> 'email') = a.email_key)",
            ],
        };
        run(manager, &statements).await
    }

    /// The keys of before cannot be made by the database, and the program of before finds most addresses by these too.
    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}
