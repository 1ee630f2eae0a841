//! Conversations, tickets and messages.

use sea_orm_migration::prelude::*;

use crate::schema::{
    count, drop_tables, id, id_or_null, instant, instant_or_null, key, reference, run, small, small_or_null,
    tags, text, text_or_null,
};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut conversation = Table::create().table(Alias::new("conversation")).to_owned();
        conversation
            .col(id("id").primary_key())
            .col(id("workspace_id"))
            .col(id("customer_id"))
            .col(text_or_null("name"))
            .col(text("channel"))
            .col(small("status"))
            .col(instant_or_null("snoozed_until"))
            .col(count("message_count"))
            .col(instant_or_null("last_message_at"))
            .col(instant("created_at"))
            .col(instant("updated_at"))
            .col(count("version"))
            .foreign_key(&mut reference("conversation", "customer_id", "customer"));
        manager.create_table(conversation).await?;

        let mut ticket = Table::create().table(Alias::new("ticket")).to_owned();
        ticket
            .col(id("id").primary_key())
            .col(id("workspace_id"))
            .col(id("customer_id"))
            .col(id("conversation_id"))
            .col(text("subject"))
            .col(key(manager, "subject_key"))
            .col(small("status"))
            .col(small("priority"))
            .col(text("customer_email"))
            .col(text_or_null("customer_name"))
            .col(text("source"))
            .col(id_or_null("assigned_to"))
            .col(text_or_null("resolution_type"))
            .col(tags("tags"))
            .col(count("message_count"))
            .col(instant_or_null("last_message_at"))
            .col(instant_or_null("resolved_at"))
            .col(instant("created_at"))
            .col(instant("updated_at"))
            .col(count("version"))
            .foreign_key(&mut reference("ticket", "customer_id", "customer"))
            .foreign_key(&mut reference("ticket", "conversation_id", "conversation"))
            .foreign_key(&mut reference("ticket", "assigned_to", "agent"));
        manager.create_table(ticket).await?;

        let mut message = Table::create().table(Alias::new("message")).to_owned();
        message
            .col(id("id").primary_key())
            .col(id("workspace_id"))
            .col(id("customer_id"))
            .col(id("conversation_id"))
            .col(id_or_null("ticket_id"))
            .col(small("direction"))
            .col(text("sender_email"))
            .col(text_or_null("sender_name"))
            .col(id_or_null("sender_agent_id"))
            .col(id_or_null("sender_customer_id"))
            .col(text("body"))
            .col(text_or_null("body_html"))
            .col(small_or_null("sentiment_score"))
            .col(instant("created_at"))
            .foreign_key(&mut reference("message", "conversation_id", "conversation"))
            .foreign_key(&mut reference("message", "ticket_id", "ticket"));
        manager.create_table(message).await?;

        // Every list is read along one of these: what it is limited to, what it is sorted by, and the id for ties.
        run(
            manager,
            &[
                "CREATE INDEX conversation_created ON conversation (workspace_id, created_at, id)",
                "CREATE INDEX conversation_updated ON conversation (workspace_id, updated_at, id)",
                "CREATE INDEX conversation_last_message ON conversation (workspace_id, COALESCE(last_message_at, 0), id)",
                "CREATE INDEX conversation_of_customer ON conversation (customer_id, created_at, id)",
                "CREATE INDEX ticket_created ON ticket (workspace_id, created_at, id)",
                "CREATE INDEX ticket_updated ON ticket (workspace_id, updated_at, id)",
                "CREATE INDEX ticket_last_message ON ticket (workspace_id, COALESCE(last_message_at, 0), id)",
                "CREATE INDEX ticket_by_status ON ticket (workspace_id, status, created_at, id)",
                "CREATE INDEX ticket_in_order_of_status ON ticket (workspace_id, status, id)",
                "CREATE INDEX ticket_by_priority ON ticket (workspace_id, priority, id)",
                "CREATE INDEX ticket_of_customer ON ticket (customer_id, created_at, id)",
                "CREATE INDEX ticket_of_conversation ON ticket (conversation_id, created_at, id)",
                "CREATE INDEX ticket_of_agent ON ticket (assigned_to, created_at, id) WHERE assigned_to IS NOT NULL",
                "CREATE INDEX message_of_ticket ON message (ticket_id, created_at, id)",
                "CREATE INDEX message_of_conversation ON message (conversation_id, created_at, id)",
                "CREATE INDEX message_of_customer ON message (customer_id, created_at, id)",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["message", "ticket", "conversation"]).await
    }
}
