//! Connections to a `SQLite` file.
//!
//! No server ends a statement of `SQLite`. Instead, `SQLite` calls a progress handler of the connection from
//! time to time, which decides whether the statement continues.

use std::{
    fs::OpenOptions,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{
    DbErr,
    sqlx::{
        self, ConnectOptions, Connection, SqliteConnection,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
    },
};

use super::{
    batch::{Batch, BatchState},
    session::{Session, told},
};

/// Longest wait of a statement for a writer of another process.
const BUSY: Duration = Duration::from_secs(5);
/// Number of rows that a statement may be ahead of the request that consumes them. Rows are counted when they
/// are consumed, so the number is low: a row can have two texts of a quarter of a megabyte.
const ROWS: usize = 64;
/// Virtual machine steps between two calls of the progress handler. They take some microseconds. When each
/// row has a long text to search, they take the time of about ten rows, at most a third of a second.
const STEPS: i32 = 100;
/// No time limit.
const NEVER: u64 = u64::MAX;

/// Connection settings of a file.
#[derive(Debug)]
pub struct Connector {
    pub(super) options: SqliteConnectOptions,
    /// Outcome of the shared commits.
    pub(super) batch_state: Arc<BatchState>,
}

impl Connector {
    pub(super) fn new(url: &str) -> Result<Self, DbErr> {
        let options: SqliteConnectOptions = url.parse().map_err(|error| DbErr::Conn(told(error)))?;
        let options = set(options).disable_statement_logging();
        make_private(url, options.get_filename());
        let batch_state = Arc::default();
        Ok(Self { options, batch_state })
    }

    pub(super) async fn open(&self) -> Result<Session, DbErr> {
        let connect = async {
            let mut connection = SqliteConnection::connect_with(&self.options).await?;
            let run = Arc::new(StatementTimer::new());
            let asked = run.clone();
            let mut handle = connection.lock_handle().await?;
            handle.set_progress_handler(STEPS, move || asked.goes_on());
            drop(handle);
            Ok::<_, sqlx::Error>(Session::Sqlite(
                connection,
                run,
                Batch::new(self.batch_state.clone()),
            ))
        };
        connect.await.map_err(|error| DbErr::Conn(told(error)))
    }

    /// Moves all pages of the log into the file and empties the log. Returns false while a statement reads an
    /// earlier state. The function does not wait for such a statement, because writers would wait too.
    pub(super) async fn empty_log(&self) -> Result<bool, DbErr> {
        let empty = async {
            let options = self.options.clone().busy_timeout(Duration::ZERO);
            let mut connection = SqliteConnection::connect_with(&options).await?;
            let (busy, _, _): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
                .fetch_one(&mut connection)
                .await?;
            connection.close().await?;
            Ok::<_, sqlx::Error>(busy == 0)
        };
        match empty.await {
            Err(sqlx::Error::Database(error)) if error.message().contains("locked") => Ok(false),
            done => done.map_err(|error| DbErr::Conn(told(error))),
        }
    }
}

/// Creates a missing file with access for its owner only, because other users could read all data in it.
/// `SQLite` gives its other files the permissions of this one. Errors are reported when the file is opened.
fn make_private(url: &str, file: &Path) {
    // A URL with parameters can require an existing file or name no file at all.
    let is_plain = !url.contains(":memory:") && !url.contains('?');
    if is_plain && let Err(error) = private().create_new(true).open(file) {
        tracing::debug!(error = %error, "could not create the database file");
    }
}

/// Options that create a file with access for its owner only.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

/// Sets the options that every connection has.
pub(super) fn set(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // A commit that returns is durable, because the log is synced first.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY)
        .row_buffer_size(ROWS)
        // Deleted content is overwritten in the file and its indexes.
        .pragma("secure_delete", "ON")
        // In KiB for each connection. Larger data stays in the page cache of the system.
        .pragma("cache_size", "-4000")
}

/// State of the running statement of a connection.
#[derive(Debug)]
pub struct StatementTimer {
    began: Instant,
    /// Time limit of the statement, in milliseconds since the start.
    end: AtomicU64,
}

impl StatementTimer {
    fn new() -> Self {
        Self {
            began: Instant::now(),
            end: AtomicU64::new(NEVER),
        }
    }

    fn goes_on(&self) -> bool {
        let end = self.end.load(Ordering::Relaxed);
        end == NEVER || self.began.elapsed().as_millis() < u128::from(end)
    }

    /// Sets the time limit of the next statement.
    pub(super) fn may_take(&self, time: Duration) {
        let end = (self.began.elapsed() + time).as_millis();
        self.end
            .store(u64::try_from(end).unwrap_or(NEVER), Ordering::Relaxed);
    }

    /// Removes the time limit of the next statements. The caller of a transaction limits it as a whole.
    pub(super) fn may_take_any_time(&self) {
        self.end.store(NEVER, Ordering::SeqCst);
    }

    /// Ends the running statement.
    pub(super) fn give_up(&self) {
        self.end.store(0, Ordering::SeqCst);
    }
}
