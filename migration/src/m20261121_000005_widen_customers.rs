//! Several addresses and numbers of one customer, its names and looks, its standing, and fields of the team's own.
//!
//! What makes an address unique moves from an index on the primary one to a table that holds every address.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::schema::{
    add_columns, custom_fields, drop_columns, drop_tables, id, instant_or_null, json_list, key, reference,
    run, small, teach_sizes, text_or_null,
};

/// See the module.
#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMNS: [&str; 13] = [
    "display_name",
    "first_name",
    "last_name",
    "username",
    "avatar_url",
    "display_color",
    "display_icon",
    "emails",
    "phones",
    "status",
    "sentiment",
    "custom_fields",
    "signed_up_at",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Active and neutral: what a customer is when nobody says.
        let columns = vec![
            text_or_null("display_name"),
            text_or_null("first_name"),
            text_or_null("last_name"),
            text_or_null("username"),
            text_or_null("avatar_url"),
            text_or_null("display_color"),
            text_or_null("display_icon"),
            json_list("emails"),
            json_list("phones"),
            small("status").default(1).take(),
            small("sentiment").default(2).take(),
            custom_fields("custom_fields"),
            instant_or_null("signed_up_at"),
        ];
        add_columns(manager, "customer", columns).await?;

        run(manager, &["DROP INDEX customer_email"]).await?;
        let mut addresses = Table::create().table(Alias::new("customer_address")).to_owned();
        addresses
            .col(id("workspace_id"))
            .col(key(manager, "email_key"))
            .col(id("customer_id"))
            .primary_key(
                Index::create()
                    .col(Alias::new("workspace_id"))
                    .col(Alias::new("email_key")),
            )
            .foreign_key(&mut reference("customer_address", "customer_id", "customer"));
        manager.create_table(addresses).await?;
        let (email, phone) = match manager.get_database_backend() {
            DbBackend::Postgres => (
                "jsonb_build_array(jsonb_build_object('email', email, 'type', NULL, 'verified', false, 'primary', true))",
                "jsonb_build_array(jsonb_build_object('phone', phone, 'type', NULL, 'primary', true))",
            ),
            _ => (
                "json_array(json_object('email', email, 'type', NULL, 'verified', json('false'), 'primary', json('true')))",
                "json_array(json_object('phone', phone, 'type', NULL, 'primary', json('true')))",
            ),
        };
        run(
            manager,
            &[
                "INSERT INTO customer_address (workspace_id, email_key, customer_id) \
                 SELECT workspace_id, email_key, id FROM customer WHERE email_key <> ''",
                &format!("UPDATE customer SET emails = {email} WHERE email IS NOT NULL"),
                &format!("UPDATE customer SET phones = {phone} WHERE phone IS NOT NULL"),
                "CREATE INDEX customer_address_of_customer ON customer_address (customer_id)",
            ],
        )
        .await?;
        teach_sizes(
            manager,
            &[
                (
                    "customer_address",
                    "sqlite_autoindex_customer_address_1",
                    "1000000 100000 1",
                ),
                ("customer_address", "customer_address_of_customer", "1000000 1"),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["customer_address"]).await?;
        run(
            manager,
            &["CREATE UNIQUE INDEX customer_email ON customer (workspace_id, email_key) WHERE email_key <> ''"],
        )
        .await?;
        drop_columns(manager, "customer", &COLUMNS).await
    }
}
