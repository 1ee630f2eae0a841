//! The words under which customers are found, and how far they are written.
//!
//! The tables are made empty, which takes no time: words of customers that are there already are written by the program
//! while it serves. There is no reference to `customer`: it would hold the table against writers until all steps are taken.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::schema::{drop_tables, run, teach_sizes};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (id, word, kind) = match manager.get_database_backend() {
            DbBackend::Postgres => ("uuid", "text COLLATE \"C\"", ""),
            _ => ("blob", "text", " WITHOUT ROWID"),
        };
        run(
            manager,
            &[
                &format!(
                    "CREATE TABLE customer_word (workspace_id {id} NOT NULL, word {word} NOT NULL, \
                     customer_id {id} NOT NULL, PRIMARY KEY (workspace_id, word, customer_id)){kind}"
                ),
                "CREATE INDEX customer_word_of_customer ON customer_word (customer_id, word)",
                &format!(
                    "CREATE TABLE word_index (version integer NOT NULL PRIMARY KEY, last_id {id}, \
                     is_complete boolean NOT NULL)"
                ),
                // Where there is nothing, there is nothing to be done.
                "INSERT INTO word_index (version, last_id, is_complete) SELECT 1, NULL, \
                 NOT EXISTS (SELECT 1 FROM customer) AND NOT EXISTS (SELECT 1 FROM agent)",
            ],
        )
        .await?;
        teach_sizes(
            manager,
            &[
                ("customer_word", "customer_word", "20000000 2000000 10 1"),
                ("customer_word", "customer_word_of_customer", "20000000 20 1 1"),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["word_index", "customer_word"]).await
    }
}
