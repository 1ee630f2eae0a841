//! Opens the database.

use std::{sync::Arc, time::Duration};

use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{StoreError, dialect::Dialect, tally};
use crate::config::Settings;

/// Seconds that a request waits for a free connection.
const ACQUIRE_SECONDS: u64 = 10;
/// Milliseconds that a `SQLite` statement waits for a writer of another process.
const SQLITE_BUSY_MS: &str = "5000";

/// The lock of PostgreSQL under which tables are changed: any number that nobody else uses.
const MIGRATION_LOCK: i64 = 0x6465_736b;

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    connection: DatabaseConnection,
    dialect: Dialect,
    /// `SQLite` has one writer at a time. Waiting for it in our own queue is fair and costs nothing; waiting inside
    /// `SQLite` is a lottery of sleeps.
    writer: Option<Arc<Semaphore>>,
}

impl Db {
    /// Connects, and makes the `SQLite` file when there is none.
    pub async fn open(settings: &Settings) -> Result<Self, StoreError> {
        let url = settings.database_url.reveal();
        // On PostgreSQL, one more than is asked for: a node that serves keeps one to hear of others, if nothing else
        // tells it of them.
        let listens = url.starts_with("postgres") && settings.nats_url.is_none();
        let connections = settings.database_connections + u32::from(listens);
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(connections)
            .acquire_timeout(Duration::from_secs(ACQUIRE_SECONDS))
            .test_before_acquire(false)
            .sqlx_logging(false)
            .record_stmt_in_spans(false)
            .map_sqlx_sqlite_opts(|sqlite| {
                sqlite
                    .create_if_missing(true)
                    .foreign_keys(true)
                    .pragma("journal_mode", "WAL")
                    // Acknowledged means durable: the log is synced before a commit returns.
                    .pragma("synchronous", "FULL")
                    .pragma("busy_timeout", SQLITE_BUSY_MS)
                    .pragma("cache_size", "-16000")
            });
        let mut connection = Database::connect(options).await?;
        connection.set_metric_callback(|_| tally::statement());
        let dialect = Dialect::of(&connection);
        let writer = (dialect == Dialect::Sqlite).then(|| Arc::new(Semaphore::new(1)));
        Ok(Self {
            connection,
            dialect,
            writer,
        })
    }

    /// The same database, telling of each statement. For tests and reports.
    #[must_use]
    pub fn watched(mut self, watcher: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.connection.set_metric_callback(move |info| {
            tally::statement();
            watcher(&info.statement.sql);
        });
        self
    }

    /// For reading.
    pub fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// Which words it understands.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Begins a writing transaction. It rolls back when it is dropped without a commit.
    pub async fn begin(&self) -> Result<Writing, StoreError> {
        let turn = match &self.writer {
            Some(writer) => writer.clone().acquire_owned().await.ok(),
            None => None,
        };
        self.writing(turn).await
    }

    /// The same, but none instead of waiting for the one writer of `SQLite`.
    pub async fn begin_if_free(&self) -> Result<Option<Writing>, StoreError> {
        let turn = match &self.writer {
            Some(writer) => match writer.clone().try_acquire_owned() {
                Ok(turn) => Some(turn),
                Err(_) => return Ok(None),
            },
            None => None,
        };
        self.writing(turn).await.map(Some)
    }

    async fn writing(&self, turn: Option<OwnedSemaphorePermit>) -> Result<Writing, StoreError> {
        let transaction = self.connection.begin_with_options(immediate()).await?;
        Ok(Writing {
            transaction,
            dialect: self.dialect,
            _turn: turn,
        })
    }

    /// Brings the tables up to date, all or nothing. Of several nodes that start at once, one does it and the others
    /// wait.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        // On SQLite too: two processes that start at once must not both begin by reading.
        let turn = self.connection.begin_with_options(immediate()).await?;
        if self.dialect == Dialect::Postgres {
            turn.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
                .await?;
        }
        Migrator::up(&turn, None).await?;
        Ok(turn.commit().await?)
    }

    /// Counts rows for the planner: after many were written at once, it cannot know yet how many there are.
    pub async fn analyze(&self) -> Result<(), StoreError> {
        self.connection.execute_unprepared("ANALYZE").await?;
        Ok(())
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.connection.ping().await?)
    }

    /// Closes every connection.
    pub async fn close(&self) -> Result<(), StoreError> {
        Ok(self.connection.close_by_ref().await?)
    }
}

/// On `SQLite`, a deferred transaction that reads, then writes, fails as soon as somebody else wrote in between.
fn immediate() -> TransactionOptions {
    TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    }
}

/// A writing transaction.
#[derive(Debug)]
pub struct Writing {
    transaction: DatabaseTransaction,
    dialect: Dialect,
    _turn: Option<OwnedSemaphorePermit>,
}

impl Writing {
    /// For statements inside it.
    pub fn connection(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Which words the database understands.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Makes all of it durable.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.transaction.commit().await?)
    }
}
