//! Opens the database.
//!
//! Statements outside a transaction go through [`Connections`], those inside one through [`Writing`]. Both give up a
//! statement whose time is over or for whose answer nobody waits any more; [`postgres`] and [`sqlite`] say how each
//! database is told.

mod connections;
mod postgres;
mod sqlite;
mod writing;

use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, ConnectionTrait};

pub use connections::Connections;
pub use writing::Writing;

use self::{connections::Kind, postgres::Shared, sqlite::Lanes};
use super::{StoreError, dialect::Dialect, tally};
use crate::config::Settings;

/// How long a request waits for a free connection.
const ACQUIRE: Duration = Duration::from_secs(10);

/// The lock of PostgreSQL under which tables are changed: any number that nobody else uses.
const MIGRATION_LOCK: i64 = 0x6465_736b;

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    connections: Connections,
}

impl Db {
    /// Connects, and makes the `SQLite` file when there is none.
    pub async fn open(settings: &Settings) -> Result<Self, StoreError> {
        let url = settings.database_url.reveal();
        let time = Duration::from_millis(settings.statement_timeout_ms);
        let mut options = ConnectOptions::new(url);
        options
            .acquire_timeout(ACQUIRE)
            .test_before_acquire(false)
            .sqlx_logging(false)
            .record_stmt_in_spans(false);
        let kind = if url.starts_with("postgres") {
            // One more than is asked for: a node that serves keeps one to hear of others, if nothing else tells it.
            let count = settings.database_connections + u32::from(settings.nats_url.is_none());
            let shared = Shared::connect(options, count, time).await?;
            Kind::Postgres(shared)
        } else {
            let lanes = Lanes::open(options, settings.database_connections, time).await?;
            Kind::Sqlite(lanes)
        };
        let mut connections = Connections::new(kind);
        connections.tell(|_| tally::statement());
        Ok(Self { connections })
    }

    /// The same database, telling of each statement. For tests and reports; before it is cloned.
    #[must_use]
    pub fn watched(mut self, watcher: impl Fn(&str) + Clone + Send + Sync + 'static) -> Self {
        self.connections.tell(move |info| {
            tally::statement();
            watcher(&info.statement.sql);
        });
        self
    }

    /// For reading.
    pub fn connection(&self) -> &Connections {
        &self.connections
    }

    /// Which words it understands.
    pub fn dialect(&self) -> Dialect {
        self.connections.dialect()
    }

    /// Begins a writing transaction. It rolls back when it is dropped without a commit.
    pub async fn begin(&self) -> Result<Writing, StoreError> {
        match &self.connections.kind {
            Kind::Postgres(shared) => shared.begin().await,
            Kind::Sqlite(lanes) => lanes.begin().await,
        }
    }

    /// The same, but none instead of waiting for the one writer of `SQLite`.
    pub async fn begin_if_free(&self) -> Result<Option<Writing>, StoreError> {
        match &self.connections.kind {
            Kind::Postgres(shared) => shared.begin().await.map(Some),
            Kind::Sqlite(lanes) => lanes.begin_if_free().await,
        }
    }

    /// Brings the tables up to date, all or nothing. Of several nodes that start at once, one does it and the others
    /// wait.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let turn = self.at_leisure().await?;
        if self.dialect() == Dialect::Postgres {
            let lock = format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})");
            turn.connection().execute_unprepared(&lock).await?;
        }
        Migrator::up(turn.connection(), None).await?;
        turn.commit().await
    }

    /// Counts rows for the planner: after many were written at once, it cannot know yet how many there are.
    pub async fn analyze(&self) -> Result<(), StoreError> {
        let turn = self.at_leisure().await?;
        turn.connection().execute_unprepared("ANALYZE").await?;
        turn.commit().await
    }

    /// A transaction whose statements may take any time.
    async fn at_leisure(&self) -> Result<Writing, StoreError> {
        let turn = self.begin().await?;
        if self.dialect() == Dialect::Postgres {
            let free = "SET LOCAL statement_timeout = 0";
            turn.connection().execute_unprepared(free).await?;
        }
        Ok(turn)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.connections.ping().await?)
    }

    /// Closes every connection.
    pub async fn close(&self) -> Result<(), StoreError> {
        Ok(self.connections.close().await?)
    }
}
