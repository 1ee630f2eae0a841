//! Workspaces, the people in them, and the keys of programs.

use sea_orm_migration::prelude::*;

use crate::schema::{
    count, drop_tables, id, instant, instant_or_null, key, reference, run, small, small_or_null, tags, text,
    text_or_null,
};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut workspace = table("workspace");
        workspace
            .col(id("id").primary_key())
            .col(text("name"))
            .col(instant("created_at"));
        manager.create_table(workspace).await?;

        let mut agent = table("agent");
        agent
            .col(id("id").primary_key())
            .col(id("workspace_id"))
            .col(text("name"))
            .col(key(manager, "name_key"))
            .col(text("email"))
            .col(key(manager, "email_key"))
            .col(small("role"))
            .col(instant("created_at"))
            .foreign_key(&mut reference("agent", "workspace_id", "workspace"));
        manager.create_table(agent).await?;

        manager.create_table(customer(manager)).await?;

        let mut api_key = table("api_key");
        api_key
            .col(id("id").primary_key())
            .col(text("name"))
            .col(text("prefix"))
            .col(text("hash"))
            .col(tags("grants"))
            .col(instant("created_at"))
            .col(instant_or_null("last_used_at"))
            .col(instant_or_null("expires_at"))
            .col(instant_or_null("revoked_at"));
        manager.create_table(api_key).await?;

        let mut opens = table("api_key_workspace");
        opens
            .col(id("api_key_id"))
            .col(id("workspace_id"))
            .primary_key(
                Index::create()
                    .col(Alias::new("api_key_id"))
                    .col(Alias::new("workspace_id")),
            )
            .foreign_key(&mut reference("api_key_workspace", "api_key_id", "api_key"))
            .foreign_key(&mut reference("api_key_workspace", "workspace_id", "workspace"));
        manager.create_table(opens).await?;

        run(
            manager,
            &[
                "CREATE UNIQUE INDEX agent_email ON agent (workspace_id, email_key)",
                "CREATE INDEX agent_created ON agent (workspace_id, created_at, id)",
                // One empty key for everybody without an address or an id of the caller's own.
                "CREATE UNIQUE INDEX customer_email ON customer (workspace_id, email_key) WHERE email_key <> ''",
                "CREATE UNIQUE INDEX customer_external_id ON customer (workspace_id, external_id) WHERE external_id IS NOT NULL",
                "CREATE INDEX customer_created ON customer (workspace_id, created_at, id)",
                "CREATE INDEX customer_updated ON customer (workspace_id, updated_at, id)",
                "CREATE INDEX customer_by_name ON customer (workspace_id, name_key, id)",
                "CREATE INDEX customer_by_email ON customer (workspace_id, email_key, id)",
                "CREATE INDEX customer_by_company ON customer (workspace_id, company_key, id)",
                "CREATE INDEX customer_last_ticket ON customer (workspace_id, COALESCE(last_ticket_at, 0), id)",
                "CREATE UNIQUE INDEX api_key_hash ON api_key (hash)",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(
            manager,
            &["api_key_workspace", "api_key", "customer", "agent", "workspace"],
        )
        .await
    }
}

fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(Alias::new(name)).to_owned()
}

fn customer(manager: &SchemaManager<'_>) -> TableCreateStatement {
    let mut customer = table("customer");
    customer
        .col(id("id").primary_key())
        .col(id("workspace_id"))
        .col(text_or_null("name"))
        .col(key(manager, "name_key"))
        .col(text_or_null("email"))
        .col(key(manager, "email_key"))
        .col(text_or_null("phone"))
        .col(text_or_null("company"))
        .col(key(manager, "company_key"))
        .col(text_or_null("job_title"))
        .col(text_or_null("location"))
        .col(text_or_null("timezone"))
        .col(ColumnDef::new(Alias::new("is_vip")).boolean().not_null())
        .col(small_or_null("priority_override"))
        .col(tags("tags"))
        .col(text_or_null("internal_notes"))
        .col(text_or_null("external_id"))
        .col(text_or_null("salesforce_contact_id"))
        .col(text_or_null("hubspot_contact_id"))
        .col(text_or_null("hubspot_company_id"))
        .col(count("ticket_count"))
        .col(count("open_ticket_count"))
        .col(count("resolved_ticket_count"))
        .col(
            ColumnDef::new(Alias::new("resolution_ms_total"))
                .big_integer()
                .not_null()
                .default(0),
        )
        .col(instant_or_null("first_ticket_at"))
        .col(instant_or_null("last_ticket_at"))
        .col(count("recent_score_count"))
        .col(count("recent_score_sum"))
        .col(count("newest_score_sum"))
        .col(instant("created_at"))
        .col(instant("updated_at"))
        .col(count("version"))
        .foreign_key(&mut reference("customer", "workspace_id", "workspace"));
    customer
}
