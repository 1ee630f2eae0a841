//! Opens the database.
//!
//! Statements outside a transaction go through [`Connections`], those inside one through [`Writing`]. Both give up a
//! statement whose time is over or for whose answer nobody waits any more; [`postgres`] and [`sqlite`] say how each
//! database is told.

mod batch;
mod connections;
mod counted;
mod fit;
mod migrate;
mod pool;
mod pooled;
mod postgres;
mod server;
mod session;
mod sqlite;
mod stale;
mod together;
mod turns;
mod whereabouts;
mod writing;

use std::time::Duration;

use sea_orm::{ConnectionTrait, sqlx::Connection};

pub use connections::Connections;
pub use migrate::Tables;
pub use pooled::ADVICE;
pub use together::{Numbered, Write};
pub use whereabouts::{explain, missing_file};
pub use writing::Writing;

use self::{
    connections::{Pools, Runs, Statements, Watcher},
    pool::{Door, Lease, Pool},
    turns::Turns,
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

/// How long a request waits for a free connection.
const ACQUIRE: Duration = Duration::from_secs(10);

/// What a transaction could see before it was durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen(u64);

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    url: Secret,
    connections: Connections,
    turns: Turns,
    filter_bytes_max: i64,
    /// For the ids of epochs; none before the node is built.
    clock: Option<Clock>,
}

impl Db {
    /// Connects, and makes the `SQLite` file when there is none.
    pub async fn open(settings: &Settings) -> Result<Self, StoreError> {
        let url = settings.database_url.reveal();
        let (count, share) = (
            settings.database_connections,
            settings.database_connections_per_viewer,
        );
        let time = Duration::from_millis(settings.statement_timeout_ms);
        let runner = if url.starts_with("postgres") {
            let door = Door::Postgres(postgres::Door::new(
                url,
                time,
                settings.database_prepared_statements,
            )?);
            let pool = Pool::new(door, count, share);
            Pools::Postgres { pool, time }
        } else {
            let door = sqlite::Door::new(url)?;
            if let Some(complaint) = stale::complaint(door.options.get_filename()) {
                return Err(StoreError::Unfit(complaint));
            }
            Pools::Sqlite {
                readers: Pool::new(Door::Sqlite(door.clone()), count, share),
                writer: Pool::new(Door::Sqlite(door), 1, 1),
                time,
            }
        };
        runner.try_one().await?;
        if runner.meets_pooler().await {
            return Err(StoreError::Unfit(ADVICE.to_owned()));
        }
        let connections = Statements {
            runner,
            watcher: Watcher::default(),
        };
        fit::check_encoding(&connections).await?;
        Ok(Self {
            url: settings.database_url.clone(),
            connections,
            turns: Turns::default(),
            filter_bytes_max: i64::try_from(settings.filter_bytes_max).unwrap_or(i64::MAX),
            clock: None,
        })
    }

    /// The same database, telling of each statement. For tests and reports.
    #[must_use]
    pub fn watched(mut self, watcher: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.connections.watcher = Watcher::new(watcher);
        self
    }

    /// For reading.
    pub fn connection(&self) -> &Connections {
        &self.connections
    }

    /// Which words it understands.
    pub fn dialect(&self) -> Dialect {
        self.connections.runner.dialect()
    }

    /// Bytes of long texts that one statement may read to see which rows fit.
    pub fn filter_bytes_max(&self) -> i64 {
        self.filter_bytes_max
    }

    /// The same database, which begins epochs of its change logs when it is found to be another one than before.
    #[must_use]
    pub fn kept_by(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Looks whether the file or server that holds the database is another one than before. Then it was restored, copied or
    /// promoted, and an epoch begins in every workspace.
    pub async fn settle(&self) -> Result<(), StoreError> {
        let runner = &self.connections.runner;
        let actual = if let Some(door) = runner.server_door() {
            // Tables may have been made since the first connection.
            if let Ok(mut connection) = door.knock().await {
                door.server.meet(&mut connection).await;
                connection.close().await.ok();
            }
            door.server.known()
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
        if let Some(door) = self.connections.runner.server_door() {
            door.server.is_settled(&actual);
        }
        Ok(())
    }

    /// The lease of a transaction, when its connection reaches the same server as before. Otherwise the transaction is given up
    /// and an epoch begins, so that what is written there is of a new epoch.
    async fn settled(&self, lease: Lease) -> Result<Option<Lease>, StoreError> {
        let moved = self
            .connections
            .runner
            .server_door()
            .filter(|door| door.server.has_moved());
        let Some(actual) = moved.and_then(|door| door.server.known()) else {
            return Ok(Some(lease));
        };
        // It rolls back.
        drop(self.writing(lease));
        self.settle_at(actual).await?;
        Ok(None)
    }

    /// Begins a writing transaction. It rolls back when it is dropped without a commit.
    pub async fn begin(&self) -> Result<Writing, StoreError> {
        let lease = self.connections.runner.begin().await?;
        let lease = match self.settled(lease).await? {
            Some(lease) => lease,
            None => self.connections.runner.begin().await?,
        };
        Ok(self.writing(lease))
    }

    /// The same, for one that writes many rows: on `SQLite`, where short ones are made durable together, nobody waits
    /// for its end to be told of a commit.
    pub async fn begin_alone(&self) -> Result<Writing, StoreError> {
        let lease = self.connections.runner.begin_alone().await?;
        let lease = match self.settled(lease).await? {
            Some(lease) => lease,
            None => self.connections.runner.begin_alone().await?,
        };
        Ok(self.writing(lease))
    }

    /// As [`Self::begin`], but none instead of waiting for the one writer of `SQLite`.
    pub async fn begin_if_free(&self) -> Result<Option<Writing>, StoreError> {
        let Some(lease) = self.connections.runner.begin_if_free().await? else {
            return Ok(None);
        };
        let lease = self.settled(lease).await?;
        Ok(lease.map(|lease| self.writing(lease)))
    }

    /// How much of what could be seen was given up so far: only with [`Self::is_settled`].
    pub fn seen(&self) -> Seen {
        Seen(self.connections.runner.lost())
    }

    /// Waits until all that could be seen by a transaction which has ended is durable. False when something of it was
    /// given up.
    pub async fn is_settled(&self, since: Seen) -> bool {
        self.connections.runner.settle().await;
        self.seen() == since
    }

    fn writing(&self, lease: Lease) -> Writing {
        Writing::new(
            self.dialect(),
            lease,
            self.connections.watcher.clone(),
            self.turns.clone(),
        )
    }

    /// Whether a pooler in transaction mode is said to stand before the database. Then LISTEN does not work.
    pub fn is_pooled(&self) -> bool {
        self.connections.runner.is_pooled()
    }

    /// Refuses a database role that may not do what it must, with the statement that mends it. Where there are no tables
    /// yet, what it must depends on whether it is to make them.
    pub async fn check_rights(&self, is_to_migrate: bool) -> Result<(), StoreError> {
        fit::check_rights(&self.connections, is_to_migrate).await
    }

    /// Brings the tables up to date, all or nothing. Of several nodes that start at once, one does it and the others
    /// wait.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match migrate::look(&self.connections).await? {
            Tables::Older => {
                if self.dialect() == Dialect::Postgres {
                    fit::check_creation(&self.connections).await?;
                }
                migrate::run(self.url.reveal(), &self.connections).await
            }
            // There is no way back from what is not known.
            Tables::Current | Tables::Newer => Ok(()),
        }
    }

    /// How the tables stand to this program.
    pub async fn tables(&self) -> Result<Tables, StoreError> {
        migrate::look(&self.connections).await
    }

    /// Whether they are those that it knows.
    pub async fn has_known_tables(&self) -> Result<bool, StoreError> {
        Ok(self.tables().await? == Tables::Current)
    }

    /// Counts rows for the planner: after many were written at once, it cannot know yet how many there are.
    pub async fn analyze(&self) -> Result<(), StoreError> {
        let turn = self.at_leisure().await?;
        turn.connection().execute_unprepared("ANALYZE").await?;
        turn.commit().await
    }

    /// A transaction whose statements may take any time.
    async fn at_leisure(&self) -> Result<Writing, StoreError> {
        let turn = self.begin_alone().await?;
        self.free_of_time(&turn).await?;
        Ok(turn)
    }

    async fn free_of_time(&self, turn: &Writing) -> Result<(), StoreError> {
        if self.dialect() == Dialect::Postgres {
            let free = "SET LOCAL statement_timeout = 0";
            turn.connection().execute_unprepared(free).await?;
        }
        Ok(())
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.connections.runner.ping().await?)
    }

    /// Empties the log in which `SQLite` writes before its file, so that nothing of what was deleted is left there. False
    /// while a statement reads an earlier state: then it must be tried again. On PostgreSQL nothing is done.
    pub async fn empty_log(&self) -> Result<bool, StoreError> {
        Ok(self.connections.runner.empty_log().await?)
    }

    /// Closes every connection.
    pub async fn close(&self) -> Result<(), StoreError> {
        Ok(self.connections.runner.close().await?)
    }
}
