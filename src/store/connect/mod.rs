//! Opens the database.
//!
//! Statements outside a transaction run through [`Connections`], those inside one through [`WriteTransaction`]. Both
//! give up a statement that exceeds its time limit or whose caller no longer waits. [`postgres`] and
//! [`sqlite`] describe how each database ends such a statement.

mod batch;
mod connections;
mod counted;
mod fit;
mod log_locks;
mod migrate;
mod pool;
mod pooled;
mod postgres;
mod server;
mod session;
mod sqlite;
mod stale;
mod whereabouts;
mod write_buffer;
mod writing;

use std::{sync::Arc, time::Duration};

use sea_orm::{ConnectionTrait, sqlx::Connection};

pub use connections::Connections;
pub use migrate::Tables;
pub use pooled::ADVICE;
pub use whereabouts::{explain, missing_file};
pub use write_buffer::{NumberedInsert, Write};
pub use writing::WriteTransaction;

use self::{
    connections::{Pools, StatementRunner, StatementWatcher, Statements},
    log_locks::LogLocks,
    pool::{Connector, Lease, Pool},
};
use super::{
    StoreError,
    dialect::Dialect,
    identity::{self, Identity},
};
use crate::{
    clock::Clock,
    config::{Secret, Settings},
};

/// Longest wait for a free connection.
const ACQUIRE: Duration = Duration::from_secs(10);

/// Marker for the writes that a transaction could see before they were durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DurabilityMark(u64);

/// The database. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Db {
    url: Secret,
    connections: Connections,
    log_locks: LogLocks,
    filter_bytes_max: i64,
    /// Clock for the ids of epochs. `None` before the node is built.
    clock: Option<Clock>,
}

impl Db {
    /// Connects, and creates the `SQLite` file if it does not exist.
    pub async fn open(settings: &Settings) -> Result<Self, StoreError> {
        let url = settings.database_url.reveal();
        let (count, share) = (
            settings.database_connections,
            settings.database_connections_per_viewer,
        );
        let time = Duration::from_millis(settings.statement_timeout_ms);
        let runner = if url.starts_with("postgres") {
            let statements = settings.database_prepared_statements;
            let connector = Arc::new(postgres::Connector::new(url, time, statements)?);
            Pools::Postgres {
                pool: Pool::new(Connector::Postgres(connector.clone()), count, share),
                connector,
                time,
            }
        } else {
            let connector = Arc::new(sqlite::Connector::new(url)?);
            if let Some(complaint) = stale::complaint(connector.options.get_filename()) {
                return Err(StoreError::Unfit(complaint));
            }
            Pools::Sqlite {
                readers: Pool::new(Connector::Sqlite(connector.clone()), count, share),
                writer: Pool::new(Connector::Sqlite(connector.clone()), 1, 1),
                connector,
                time,
            }
        };
        runner.try_one().await?;
        if runner.meets_pooler().await {
            return Err(StoreError::Unfit(ADVICE.to_owned()));
        }
        let connections = Statements {
            runner,
            watcher: StatementWatcher::default(),
        };
        fit::check_encoding(&connections).await?;
        Ok(Self {
            url: settings.database_url.clone(),
            connections,
            log_locks: LogLocks::default(),
            filter_bytes_max: i64::try_from(settings.filter_bytes_max).unwrap_or(i64::MAX),
            clock: None,
        })
    }

    /// Returns the same database with a watcher that receives each statement. For tests and reports.
    #[must_use]
    pub fn watched(mut self, watcher: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.connections.watcher = StatementWatcher::new(watcher);
        self
    }

    /// Connections for reading.
    pub fn connection(&self) -> &Connections {
        &self.connections
    }

    pub fn dialect(&self) -> Dialect {
        self.connections.runner.dialect()
    }

    /// Maximum number of bytes of long texts that one statement may read to evaluate a filter.
    pub fn filter_bytes_max(&self) -> i64 {
        self.filter_bytes_max
    }

    /// Returns the same database with a clock. With it, the database begins new epochs in its change logs
    /// when its file or server has changed.
    #[must_use]
    pub fn kept_by(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Checks whether the file or server that holds the database is a different one than before. If so, the
    /// database was restored, copied or promoted, and a new epoch begins in every workspace.
    pub async fn settle(&self) -> Result<(), StoreError> {
        let runner = &self.connections.runner;
        let actual = if let Some(connector) = runner.server_connector() {
            // Migrations can have created tables since the first connection.
            if let Ok(mut connection) = connector.open_connection().await {
                connector.server.meet(&mut connection).await;
                connection.close().await.ok();
            }
            connector.server.known()
        } else {
            let file = self.file().await?;
            let metadata = file.and_then(|file| std::fs::metadata(file).ok());
            metadata.as_ref().map(Identity::of_file)
        };
        match actual {
            Some(actual) => self.settle_at(actual).await,
            None => Ok(()),
        }
    }

    async fn settle_at(&self, actual: Identity) -> Result<(), StoreError> {
        let Some(clock) = &self.clock else {
            return Ok(());
        };
        let begin = async || {
            let writing = self.writing(self.connections.runner.begin_alone().await?);
            self.free_of_time(&writing).await?;
            Ok(writing)
        };
        identity::keep(self, begin, actual.clone(), clock).await?;
        if let Some(connector) = self.connections.runner.server_connector() {
            connector.server.is_settled(&actual);
        }
        Ok(())
    }

    /// Returns the lease of a transaction if its connection reaches the same server as before. Otherwise
    /// gives the transaction up and begins an epoch, so that later writes on that server belong to the new
    /// epoch.
    async fn settled(&self, lease: Lease) -> Result<Option<Lease>, StoreError> {
        let moved = self
            .connections
            .runner
            .server_connector()
            .filter(|connector| connector.server.has_moved());
        let Some(actual) = moved.and_then(|connector| connector.server.known()) else {
            return Ok(Some(lease));
        };
        // Dropping rolls back.
        drop(self.writing(lease));
        self.settle_at(actual).await?;
        Ok(None)
    }

    /// Begins a writing transaction. It rolls back when it is dropped without a commit.
    pub async fn begin(&self) -> Result<WriteTransaction, StoreError> {
        let lease = self.connections.runner.begin().await?;
        let lease = match self.settled(lease).await? {
            Some(lease) => lease,
            None => self.connections.runner.begin().await?,
        };
        Ok(self.writing(lease))
    }

    /// Like [`Self::begin`], for a transaction that writes many rows. On `SQLite` it does not share a commit
    /// with short transactions, so none of them waits for its end.
    pub async fn begin_alone(&self) -> Result<WriteTransaction, StoreError> {
        let lease = self.connections.runner.begin_alone().await?;
        let lease = match self.settled(lease).await? {
            Some(lease) => lease,
            None => self.connections.runner.begin_alone().await?,
        };
        Ok(self.writing(lease))
    }

    /// Like [`Self::begin`], but returns `None` when the one writer of `SQLite` is busy.
    pub async fn begin_if_free(&self) -> Result<Option<WriteTransaction>, StoreError> {
        let Some(lease) = self.connections.runner.begin_if_free().await? else {
            return Ok(None);
        };
        let lease = self.settled(lease).await?;
        Ok(lease.map(|lease| self.writing(lease)))
    }

    /// Returns a marker of the number of lost batches so far, for [`Self::is_settled`].
    pub fn seen(&self) -> DurabilityMark {
        DurabilityMark(self.connections.runner.lost())
    }

    /// Waits until every write that ended transactions made visible is durable. Returns false if some of it
    /// was lost since the marker.
    pub async fn is_settled(&self, since: DurabilityMark) -> bool {
        self.connections.runner.settle().await;
        self.seen() == since
    }

    fn writing(&self, lease: Lease) -> WriteTransaction {
        WriteTransaction::new(
            self.dialect(),
            lease,
            self.connections.watcher.clone(),
            self.log_locks.clone(),
        )
    }

    /// Whether the settings declare a pooler in transaction mode in front of the database. LISTEN does not
    /// work then.
    pub fn is_pooled(&self) -> bool {
        self.connections.runner.is_pooled()
    }

    /// Rejects a database role that lacks a right. The error names the statement that grants it. If there are
    /// no tables yet, the required rights depend on whether the role has to create them.
    pub async fn check_rights(&self, is_to_migrate: bool) -> Result<(), StoreError> {
        fit::check_rights(&self.connections, is_to_migrate).await
    }

    /// Applies the missing migrations, all or none. If several nodes start at once, one migrates and the
    /// others wait.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match migrate::look(&self.connections).await? {
            Tables::Older => {
                if self.dialect() == Dialect::Postgres {
                    fit::check_creation(&self.connections).await?;
                }
                migrate::run(self.url.reveal(), &self.connections).await
            }
            // Unknown migrations cannot be reverted.
            Tables::Current | Tables::Newer => Ok(()),
        }
    }

    /// Compares the schema of the database with the one that this program knows.
    pub async fn tables(&self) -> Result<Tables, StoreError> {
        migrate::look(&self.connections).await
    }

    /// Whether the schema is exactly the one that this program knows.
    pub async fn has_known_tables(&self) -> Result<bool, StoreError> {
        Ok(self.tables().await? == Tables::Current)
    }

    /// Updates the statistics of the planner. After a bulk write, the planner does not yet know the number of
    /// rows.
    pub async fn analyze(&self) -> Result<(), StoreError> {
        let turn = self.at_leisure().await?;
        turn.connection().execute_unprepared("ANALYZE").await?;
        turn.commit().await
    }

    /// Begins a transaction whose statements have no time limit.
    async fn at_leisure(&self) -> Result<WriteTransaction, StoreError> {
        let turn = self.begin_alone().await?;
        self.free_of_time(&turn).await?;
        Ok(turn)
    }

    async fn free_of_time(&self, turn: &WriteTransaction) -> Result<(), StoreError> {
        if self.dialect() == Dialect::Postgres {
            let free = "SET LOCAL statement_timeout = 0";
            turn.connection().execute_unprepared(free).await?;
        }
        Ok(())
    }

    /// Checks whether the database responds.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.connections.runner.ping().await?)
    }

    /// Empties the write-ahead log of `SQLite`, so that no deleted data remains in it. Returns false while a
    /// statement reads an earlier state: the caller must try again. Does nothing on PostgreSQL.
    pub async fn empty_log(&self) -> Result<bool, StoreError> {
        Ok(self.connections.runner.empty_log().await?)
    }

    pub async fn close(&self) -> Result<(), StoreError> {
        Ok(self.connections.runner.close().await?)
    }
}
