//! Follow-up tickets, the index that wakes snoozed conversations, agents who no longer work, and tickets that were resolved
//! before they were made.
//!
//! What it needs: tickets are read twice, and conversations once, for what is wrong and for the indexes. Nothing but tickets
//! with a wrong `resolved_at` and their customers is rewritten.

use sea_orm_migration::prelude::*;

use crate::schema::{add_columns, drop_columns, id_or_null, run, teach_sizes};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let is_active = ColumnDef::new(Alias::new("is_active"))
            .boolean()
            .not_null()
            .default(true)
            .take();
        run(
            manager,
            &[
                "UPDATE customer SET resolution_ms_total = resolution_ms_total + (\
                 SELECT SUM(t.created_at - t.resolved_at) FROM ticket t \
                 WHERE t.customer_id = customer.id AND t.resolved_at < t.created_at) \
                 WHERE id IN (SELECT customer_id FROM ticket WHERE resolved_at < created_at)",
                "UPDATE ticket SET resolved_at = created_at WHERE resolved_at < created_at",
                // Those without a time are due at once.
                "CREATE INDEX conversation_asleep ON conversation ((COALESCE(snoozed_until, 0)), id) WHERE status = 2",
            ],
        )
        .await?;
        add_columns(manager, "agent", vec![is_active]).await?;
        add_columns(manager, "ticket", vec![id_or_null("follow_up_of_id")]).await?;
        run(
            manager,
            &[
                "CREATE INDEX ticket_of_followed ON ticket (follow_up_of_id, created_at, id) \
               WHERE follow_up_of_id IS NOT NULL",
            ],
        )
        .await?;
        teach_sizes(
            manager,
            &[
                ("conversation", "conversation_asleep", "10000 2 1"),
                ("ticket", "ticket_of_followed", "100000 2 2 1"),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(
            manager,
            &["DROP INDEX ticket_of_followed", "DROP INDEX conversation_asleep"],
        )
        .await?;
        drop_columns(manager, "ticket", &["follow_up_of_id"]).await?;
        drop_columns(manager, "agent", &["is_active"]).await
    }
}
