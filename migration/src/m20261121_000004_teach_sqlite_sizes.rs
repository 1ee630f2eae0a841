//! Tells `SQLite` how selective the indexes are.
//!
//! Without figures it takes an index on the workspace for as good as one on the id, and reads a whole workspace to find
//! twenty customers. `ANALYZE` on empty tables notes nothing, so the figures of a busy helpdesk are written here: rows
//! in all, then rows for each further column of the index. Every index of a table needs them: one without would look
//! better than those with. A later `ANALYZE` puts the real ones in their place.
//! PostgreSQL counts for itself.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::schema::run;

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Index by workspace, then by something with few rows of each value.
const BY_WORKSPACE: &str = "1000000 100000 2 1";

const FIGURES: [(&str, &str, &str); 33] = [
    ("agent", "sqlite_autoindex_agent_1", "1000 1"),
    ("agent", "agent_email", "1000 100 1"),
    ("agent", "agent_created", "1000 100 2 1"),
    ("customer", "sqlite_autoindex_customer_1", "1000000 1"),
    ("customer", "customer_email", "1000000 100000 1"),
    ("customer", "customer_created", BY_WORKSPACE),
    ("customer", "customer_updated", BY_WORKSPACE),
    ("customer", "customer_by_name", BY_WORKSPACE),
    ("customer", "customer_by_email", BY_WORKSPACE),
    ("customer", "customer_by_company", "1000000 100000 200 1"),
    ("customer", "customer_last_ticket", BY_WORKSPACE),
    ("customer", "customer_external_id", "1000000 100000 1"),
    ("conversation", "sqlite_autoindex_conversation_1", "1000000 1"),
    ("conversation", "conversation_created", BY_WORKSPACE),
    ("conversation", "conversation_updated", BY_WORKSPACE),
    ("conversation", "conversation_last_message", BY_WORKSPACE),
    ("conversation", "conversation_of_customer", "1000000 10 1 1"),
    ("ticket", "sqlite_autoindex_ticket_1", "1000000 1"),
    ("ticket", "ticket_created", BY_WORKSPACE),
    ("ticket", "ticket_updated", BY_WORKSPACE),
    ("ticket", "ticket_last_message", BY_WORKSPACE),
    ("ticket", "ticket_in_order_of_status", "1000000 100000 25000 1"),
    ("ticket", "ticket_of_agent", "1000000 10000 2 1"),
    ("ticket", "ticket_by_status", "1000000 100000 25000 2 1"),
    ("ticket", "ticket_by_priority", "1000000 100000 25000 1"),
    ("ticket", "ticket_of_customer", "1000000 10 1 1"),
    ("ticket", "ticket_of_conversation", "1000000 1 1 1"),
    (
        "external_reference",
        "sqlite_autoindex_external_reference_1",
        "5000000 1000000 1000000 200000 1",
    ),
    ("external_reference", "external_reference_of_object", "5000000 1"),
    ("message", "sqlite_autoindex_message_1", "5000000 1"),
    ("message", "message_of_ticket", "5000000 5 1 1"),
    ("message", "message_of_conversation", "5000000 5 1 1"),
    ("message", "message_of_customer", "5000000 50 1 1"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Sqlite {
            return Ok(());
        }
        // Makes the table of figures.
        run(manager, &["ANALYZE"]).await?;
        for (table, index, figures) in FIGURES {
            let insert = format!(
                "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('{table}', '{index}', '{figures}')"
            );
            run(manager, &[&insert]).await?;
        }
        // Makes open connections read them.
        run(manager, &["ANALYZE sqlite_schema"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Sqlite {
            return Ok(());
        }
        run(manager, &["DELETE FROM sqlite_stat1"]).await
    }
}
