//! How the tables came to be.
//!
//! One file per step, edited never, added to always. Knows `sea-orm-migration` only: a step must go on meaning what
//! it meant when it was written, so it never looks at the entities of today.

pub use sea_orm_migration::{MigratorTrait, sea_orm::DbErr};

mod m20261121_000001_create_people;
mod m20261121_000002_create_threads;
mod m20261121_000003_create_change_log;
mod m20261121_000004_teach_sqlite_sizes;
mod m20261121_000005_widen_customers;
mod m20261121_000006_create_sync_place;
mod m20261121_000007_create_teams_and_queues;
mod m20261121_000008_create_idempotency_key;
mod m20261121_000009_add_internal_messages;
mod m20261121_000011_add_replaced_keys;
mod m20261121_000012_add_filter_indexes;
mod m20261130_000013_mend_early_tables;
mod m20261130_000014_key_addresses_anew;
mod m20261130_000015_create_epochs;
mod m20261130_000016_remember_sources;
mod m20261130_000017_add_follow_ups;
mod m20261130_000018_create_customer_words;
mod m20261130_000019_widen_imports;
mod m20261201_000020_create_activity;
mod schema;

/// The steps, oldest first.
#[derive(Debug)]
pub struct Migrator;

impl Migrator {
    /// What the steps are called in the database, in this order.
    pub fn names() -> Vec<String> {
        let steps = Self::migrations();
        steps.iter().map(|step| step.name().to_owned()).collect()
    }
}

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn sea_orm_migration::MigrationTrait>> {
        vec![
            Box::new(m20261121_000001_create_people::Migration),
            Box::new(m20261121_000002_create_threads::Migration),
            Box::new(m20261121_000003_create_change_log::Migration),
            Box::new(m20261121_000004_teach_sqlite_sizes::Migration),
            Box::new(m20261121_000005_widen_customers::Migration),
            Box::new(m20261121_000006_create_sync_place::Migration),
            Box::new(m20261121_000007_create_teams_and_queues::Migration),
            Box::new(m20261121_000008_create_idempotency_key::Migration),
            Box::new(m20261121_000009_add_internal_messages::Migration),
            Box::new(m20261121_000011_add_replaced_keys::Migration),
            Box::new(m20261121_000012_add_filter_indexes::Migration),
            Box::new(m20261130_000013_mend_early_tables::Migration),
            Box::new(m20261130_000014_key_addresses_anew::Migration),
            Box::new(m20261130_000015_create_epochs::Migration),
            Box::new(m20261130_000016_remember_sources::Migration),
            Box::new(m20261130_000017_add_follow_ups::Migration),
            Box::new(m20261130_000018_create_customer_words::Migration),
            Box::new(m20261130_000019_widen_imports::Migration),
            Box::new(m20261201_000020_create_activity::Migration),
        ]
    }
}
