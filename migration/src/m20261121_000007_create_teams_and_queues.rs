//! Teams and queues, who is in them, and what they have.

use sea_orm_migration::prelude::*;

use crate::schema::{
    add_columns, custom_fields, drop_columns, drop_tables, id, id_or_null, instant, json_list, reference,
    run, small, teach_sizes, text, text_or_null,
};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Name, what it is about, who is listed.
const LISTS: [(&str, [&str; 2], [&str; 2]); 3] = [
    ("team_agent", ["team_id", "team"], ["agent_id", "agent"]),
    (
        "conversation_agent",
        ["conversation_id", "conversation"],
        ["agent_id", "agent"],
    ),
    (
        "conversation_team",
        ["conversation_id", "conversation"],
        ["team_id", "team"],
    ),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["team", "queue"] {
            let mut group = Table::create().table(Alias::new(name)).to_owned();
            group
                .col(id("id").primary_key())
                .col(id("workspace_id"))
                .col(text("name"))
                .col(instant("created_at"))
                .foreign_key(&mut reference(name, "workspace_id", "workspace"));
            manager.create_table(group).await?;
        }
        for (name, [one, of_one], [other, of_other]) in LISTS {
            let mut list = Table::create().table(Alias::new(name)).to_owned();
            list.col(id(one))
                .col(id(other))
                .col(small("place"))
                .primary_key(Index::create().col(Alias::new(one)).col(Alias::new(other)))
                .foreign_key(&mut reference(name, one, of_one))
                .foreign_key(&mut reference(name, other, of_other));
            manager.create_table(list).await?;
        }
        add_columns(
            manager,
            "ticket",
            vec![
                id_or_null("team_id").extra("REFERENCES team (id)").take(),
                id_or_null("queue_id").extra("REFERENCES queue (id)").take(),
                custom_fields("custom_fields"),
            ],
        )
        .await?;
        add_columns(
            manager,
            "conversation",
            vec![
                id_or_null("queue_id").extra("REFERENCES queue (id)").take(),
                json_list("tags"),
                custom_fields("custom_fields"),
                text_or_null("external_id"),
            ],
        )
        .await?;
        run(
            manager,
            &[
                "CREATE INDEX team_of_workspace ON team (workspace_id, created_at, id)",
                "CREATE INDEX queue_of_workspace ON queue (workspace_id, created_at, id)",
                "CREATE INDEX team_agent_of_agent ON team_agent (agent_id)",
                "CREATE INDEX conversation_agent_of_agent ON conversation_agent (agent_id)",
                "CREATE INDEX conversation_team_of_team ON conversation_team (team_id)",
                "CREATE INDEX ticket_of_team ON ticket (team_id, created_at, id) WHERE team_id IS NOT NULL",
                "CREATE INDEX ticket_of_queue ON ticket (queue_id, created_at, id) WHERE queue_id IS NOT NULL",
                "CREATE INDEX conversation_of_queue ON conversation (queue_id, created_at, id) WHERE queue_id IS NOT NULL",
                "CREATE UNIQUE INDEX conversation_external_id ON conversation (workspace_id, external_id) WHERE external_id IS NOT NULL",
            ],
        )
        .await?;
        teach_sizes(
            manager,
            &[
                ("team", "sqlite_autoindex_team_1", "1000 1"),
                ("team", "team_of_workspace", "1000 20 1 1"),
                ("queue", "sqlite_autoindex_queue_1", "1000 1"),
                ("queue", "queue_of_workspace", "1000 20 1 1"),
                ("team_agent", "sqlite_autoindex_team_agent_1", "10000 10 1"),
                ("team_agent", "team_agent_of_agent", "10000 2"),
                (
                    "conversation_agent",
                    "sqlite_autoindex_conversation_agent_1",
                    "1000000 2 1",
                ),
                (
                    "conversation_agent",
                    "conversation_agent_of_agent",
                    "1000000 10000",
                ),
                (
                    "conversation_team",
                    "sqlite_autoindex_conversation_team_1",
                    "1000000 2 1",
                ),
                ("conversation_team", "conversation_team_of_team", "1000000 50000"),
                ("ticket", "ticket_of_team", "1000000 50000 2 1"),
                ("ticket", "ticket_of_queue", "1000000 50000 2 1"),
                ("conversation", "conversation_of_queue", "1000000 50000 2 1"),
                ("conversation", "conversation_external_id", "1000000 100000 1"),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &[
                "DROP INDEX ticket_of_team",
                "DROP INDEX ticket_of_queue",
                "DROP INDEX conversation_of_queue",
                "DROP INDEX conversation_external_id",
            ],
        )
        .await?;
        drop_columns(manager, "ticket", &["team_id", "queue_id", "custom_fields"]).await?;
        let columns = ["queue_id", "tags", "custom_fields", "external_id"];
        drop_columns(manager, "conversation", &columns).await?;
        let tables = [
            "conversation_team",
            "conversation_agent",
            "team_agent",
            "queue",
            "team",
        ];
        drop_tables(manager, &tables).await
    }
}
