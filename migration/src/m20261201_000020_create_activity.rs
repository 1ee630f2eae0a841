//! Tables for the values of tickets and conversations that change with every message, and for the inboxes of agents.
//!
//! Every ticket and every conversation has a row of its own in the new tables, filled from its row and one pass over all
//! messages. The old columns stay until the next migration. The indexes of the new tables are created after the rows.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::schema::{add_columns, count, drop_columns, drop_tables, run, teach_sizes};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Value of `waiting_since` of a conversation in which no customer waits: the largest integer.
const NEVER: &str = "9223372036854775807";

/// Indexes of the new tables, with what the planner of `SQLite` expects of them.
const INDEXES: &[(&str, &str, &str, &str)] = &[
    ("inbox", "inbox_of_conversation", "(conversation_id)", "50000 1"),
    (
        "ticket_activity",
        "ticket_activity_last",
        "(workspace_id, COALESCE(last_message_at, 0), id)",
        "1000000 100000 2 1",
    ),
    (
        "conversation_activity",
        "conversation_activity_last",
        "(workspace_id, COALESCE(last_message_at, 0), id)",
        "1000000 100000 2 1",
    ),
    (
        "conversation_activity",
        "conversation_activity_waiting",
        "(workspace_id, waiting_since, id)",
        "1000000 100000 2 1",
    ),
    (
        "ticket",
        "ticket_by_status_updated",
        "(workspace_id, status, updated_at, id)",
        "1000000 100000 25000 2 1",
    ),
    (
        "ticket",
        "ticket_by_priority_created",
        "(workspace_id, priority, created_at, id)",
        "1000000 100000 25000 2 1",
    ),
    (
        "ticket",
        "ticket_by_priority_updated",
        "(workspace_id, priority, updated_at, id)",
        "1000000 100000 25000 2 1",
    ),
    (
        "conversation",
        "conversation_by_status_updated",
        "(workspace_id, status, updated_at, id)",
        "1000000 100000 35000 2 1",
    ),
    (
        "message",
        "message_created",
        "(workspace_id, created_at, id)",
        "5000000 500000 2 1",
    ),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (id, sparse, without_rowid) = match manager.get_database_backend() {
            // Space in each page for the next versions of its rows.
            DbBackend::Postgres => ("uuid", " WITH (fillfactor = 80)", ""),
            _ => ("blob", "", " WITHOUT ROWID"),
        };
        let figures = "message_count integer NOT NULL DEFAULT 0, last_message_at bigint, last_inbound_at bigint, \
                       last_outbound_at bigint";
        add_columns(manager, "ticket", vec![count("reopened_count")]).await?;
        run(
            manager,
            &[
                &format!(
                    "CREATE TABLE ticket_activity (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL, \
                     status smallint NOT NULL, priority smallint NOT NULL, {figures}, first_response_at bigint){sparse}"
                ),
                &format!(
                    "CREATE TABLE conversation_activity (id {id} NOT NULL PRIMARY KEY, workspace_id {id} NOT NULL, \
                     status smallint NOT NULL, {figures}, waiting_since bigint NOT NULL){sparse}"
                ),
                &format!(
                    "CREATE TABLE inbox (owner_id {id} NOT NULL, waiting_since bigint NOT NULL, \
                     conversation_id {id} NOT NULL, \
                     PRIMARY KEY (owner_id, waiting_since, conversation_id)){without_rowid}"
                ),
                &fill_tickets(),
                &fill_conversations(),
                FILL_INBOX,
            ],
        )
        .await?;
        for (table, name, columns, _) in INDEXES {
            run(manager, &[&format!("CREATE INDEX {name} ON {table} {columns}")]).await?;
        }
        let sizes: Vec<_> = INDEXES
            .iter()
            .map(|(table, name, _, sizes)| (*table, *name, *sizes))
            .chain([
                ("inbox", "inbox", "50000 100 1 1"),
                (
                    "ticket_activity",
                    "sqlite_autoindex_ticket_activity_1",
                    "1000000 1",
                ),
                (
                    "conversation_activity",
                    "sqlite_autoindex_conversation_activity_1",
                    "1000000 1",
                ),
            ])
            .collect();
        teach_sizes(manager, &sizes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Programs of this version do not write the old columns.
        for table in ["ticket", "conversation"] {
            let restore = format!(
                "UPDATE {table} SET message_count = a.message_count, last_message_at = a.last_message_at \
                 FROM {table}_activity AS a WHERE a.id = {table}.id"
            );
            run(manager, &[&restore]).await?;
        }
        for (table, name, ..) in INDEXES {
            if !["inbox", "ticket_activity", "conversation_activity"].contains(table) {
                run(manager, &[&format!("DROP INDEX {name}")]).await?;
            }
        }
        drop_tables(manager, &["inbox", "conversation_activity", "ticket_activity"]).await?;
        drop_columns(manager, "ticket", &["reopened_count"]).await
    }
}

fn fill_tickets() -> String {
    format!(
        "INSERT INTO ticket_activity (id, workspace_id, status, priority, message_count, last_message_at, \
         last_inbound_at, last_outbound_at, first_response_at) \
         SELECT t.id, t.workspace_id, t.status, t.priority, t.message_count, t.last_message_at, \
         m.inbound, m.outbound, m.response FROM ticket AS t LEFT JOIN ({}) AS m ON m.id = t.id",
        newest("ticket_id")
    )
}

fn fill_conversations() -> String {
    format!(
        "INSERT INTO conversation_activity (id, workspace_id, status, message_count, last_message_at, \
         last_inbound_at, last_outbound_at, waiting_since) \
         SELECT c.id, c.workspace_id, c.status, c.message_count, c.last_message_at, m.inbound, m.outbound, \
         CASE WHEN m.inbound IS NOT NULL AND (m.outbound IS NULL OR m.inbound > m.outbound) THEN m.inbound \
         ELSE {NEVER} END FROM conversation AS c LEFT JOIN ({}) AS m ON m.id = c.id",
        newest("conversation_id")
    )
}

/// Times of the messages of each ticket or conversation, without internal messages.
fn newest(column: &str) -> String {
    format!(
        "SELECT {column} AS id, MAX(CASE WHEN direction = 1 THEN created_at END) AS inbound, \
         MAX(CASE WHEN direction = 2 THEN created_at END) AS outbound, \
         MIN(CASE WHEN direction = 2 THEN created_at END) AS response \
         FROM message WHERE NOT internal AND {column} IS NOT NULL GROUP BY {column}"
    )
}

/// Status 1 is open.
const FILL_INBOX: &str = "INSERT INTO inbox (owner_id, waiting_since, conversation_id) \
    SELECT o.owner_id, a.waiting_since, a.id FROM conversation_activity AS a JOIN (\
    SELECT agent_id AS owner_id, conversation_id FROM conversation_agent \
    UNION ALL SELECT team_id, conversation_id FROM conversation_team \
    UNION ALL SELECT workspace_id, id FROM conversation AS c \
    WHERE NOT EXISTS (SELECT 1 FROM conversation_agent AS x WHERE x.conversation_id = c.id) \
    AND NOT EXISTS (SELECT 1 FROM conversation_team AS x WHERE x.conversation_id = c.id)\
    ) AS o ON o.conversation_id = a.id WHERE a.status = 1";
