//! Indexes for what a helpdesk filters by: whose open tickets, those that nobody has, channels, open conversations, and
//! a caller's own id in any case.
//!
//! Those of an agent, a team and a queue lead to its tickets already, but through everything that it ever had.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::schema::{run, teach_sizes};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Name, table, rows for each further column as `SQLite` is told of them.
const INDEXES: [(&str, &str, &str); 8] = [
    ("ticket_of_agent_by_status", "ticket", "1000000 10000 2500 2 1"),
    ("ticket_of_team_by_status", "ticket", "1000000 50000 12500 2 1"),
    ("ticket_of_queue_by_status", "ticket", "1000000 50000 12500 2 1"),
    ("ticket_unassigned", "ticket", "100000 10000 2500 2 1"),
    ("ticket_by_source", "ticket", "1000000 100000 25000 2 1"),
    (
        "conversation_by_status",
        "conversation",
        "1000000 100000 33000 2 1",
    ),
    (
        "conversation_by_channel",
        "conversation",
        "1000000 100000 25000 2 1",
    ),
    ("customer_by_external_id", "customer", "1000000 100000 2 1"),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // As the conditions on texts are written.
        let lower = |column: &str| match manager.get_database_backend() {
            DbBackend::Postgres => format!("lower({column} COLLATE \"C\")"),
            _ => format!("lower({column})"),
        };
        let (source, channel, external_id) = (lower("source"), lower("channel"), lower("external_id"));
        run(
            manager,
            &[
                "CREATE INDEX ticket_of_agent_by_status ON ticket (assigned_to, status, created_at, id) WHERE assigned_to IS NOT NULL",
                "CREATE INDEX ticket_of_team_by_status ON ticket (team_id, status, created_at, id) WHERE team_id IS NOT NULL",
                "CREATE INDEX ticket_of_queue_by_status ON ticket (queue_id, status, created_at, id) WHERE queue_id IS NOT NULL",
                "CREATE INDEX ticket_unassigned ON ticket (workspace_id, status, created_at, id) WHERE assigned_to IS NULL",
                &format!("CREATE INDEX ticket_by_source ON ticket (workspace_id, {source}, created_at, id)"),
                "CREATE INDEX conversation_by_status ON conversation (workspace_id, status, created_at, id)",
                &format!("CREATE INDEX conversation_by_channel ON conversation (workspace_id, {channel}, created_at, id)"),
                &format!("CREATE INDEX customer_by_external_id ON customer (workspace_id, {external_id}, id)"),
            ],
        )
        .await?;
        teach_sizes(
            manager,
            &INDEXES.map(|(index, table, figures)| (table, index, figures)),
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (index, ..) in INDEXES {
            run(manager, &[&format!("DROP INDEX {index}")]).await?;
        }
        Ok(())
    }
}
