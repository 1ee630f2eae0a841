//! Connections to a file of `SQLite`.
//!
//! Nobody else ends a statement of `SQLite`: it asks us from time to time whether it may go on, on behalf of its
//! connection.

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
    batch::{Batch, Fate},
    session::{Session, told},
};

/// How long a statement waits for a writer of another process.
const BUSY: Duration = Duration::from_secs(5);
/// Rows that a statement may be ahead of the request that takes them. They are counted when they are taken, so they are few:
/// a row may have two texts of a quarter of a megabyte.
const ROWS: usize = 64;
/// Steps of a statement between two questions whether it may go on: some microseconds, and where each row has a long text
/// to look through, the time of some ten rows: a third of a second at most.
const STEPS: i32 = 100;
/// No end.
const NEVER: u64 = u64::MAX;

/// The way to a file.
#[derive(Clone, Debug)]
pub struct Door {
    pub(super) options: SqliteConnectOptions,
    /// What became of what was made durable together.
    pub(super) fate: Arc<Fate>,
}

impl Door {
    pub(super) fn new(url: &str) -> Result<Self, DbErr> {
        let options: SqliteConnectOptions = url.parse().map_err(|error| DbErr::Conn(told(error)))?;
        let options = set(options).disable_statement_logging();
        make_private(url, options.get_filename());
        let fate = Arc::default();
        Ok(Self { options, fate })
    }

    pub(super) async fn open(&self) -> Result<Session, DbErr> {
        let connect = async {
            let mut connection = SqliteConnection::connect_with(&self.options).await?;
            let run = Arc::new(Run::new());
            let asked = run.clone();
            let mut handle = connection.lock_handle().await?;
            handle.set_progress_handler(STEPS, move || asked.goes_on());
            drop(handle);
            Ok::<_, sqlx::Error>(Session::Sqlite(connection, run, Batch::new(self.fate.clone())))
        };
        connect.await.map_err(|error| DbErr::Conn(told(error)))
    }

    /// Moves everything from the log of the file into the file, and empties the log. False while a statement
    /// reads an earlier state of it: this is not waited for, since writers would wait too.
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

/// Makes a file that is not there yet, for its owner alone: others would read all of the data in it. `SQLite` gives its
/// other files the rights of this one. What goes wrong is told when the file is opened.
fn make_private(url: &str, file: &Path) {
    // The address may ask for a file that is there, or for none.
    let is_plain = !url.contains(":memory:") && !url.contains('?');
    if is_plain && let Err(error) = private().create_new(true).open(file) {
        tracing::debug!(error = %error, "could not create the database file");
    }
}

/// How a file is made that only its owner may read.
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

/// What every connection is told.
pub(super) fn set(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // Acknowledged means durable: the log is synced before a commit returns.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY)
        .row_buffer_size(ROWS)
        // What is deleted is overwritten, in the file and in its index.
        .pragma("secure_delete", "ON")
        // Kibibytes, for each connection: what does not fit is in the memory of the system.
        .pragma("cache_size", "-4000")
}

/// What a connection does at present.
#[derive(Debug)]
pub struct Run {
    began: Instant,
    /// Milliseconds since the beginning at which the statement ends.
    end: AtomicU64,
}

impl Run {
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

    /// The statement that comes may take so long.
    pub(super) fn may_take(&self, time: Duration) {
        let end = (self.began.elapsed() + time).as_millis();
        self.end
            .store(u64::try_from(end).unwrap_or(NEVER), Ordering::Relaxed);
    }

    /// Those that come may take any time: a transaction is given up as a whole, by whoever waits for it.
    pub(super) fn may_take_any_time(&self) {
        self.end.store(NEVER, Ordering::SeqCst);
    }

    /// What runs ends.
    pub(super) fn give_up(&self) {
        self.end.store(0, Ordering::SeqCst);
    }
}
