//! Connections to a file of `SQLite`.
//!
//! Nobody else ends a statement of `SQLite`: it asks us from time to time whether it may go on, on behalf of its
//! connection. So each connection is a lane of its own, which one statement has at a time.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{
    ConnAcquireErr, ConnectOptions, Database, DatabaseConnection, DbErr, TransactionTrait, metric,
    sqlx::Connection,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit},
    time::timeout,
};

use super::{
    super::StoreError,
    ACQUIRE,
    writing::{Turn, Writing, immediate},
};

/// Milliseconds that a statement waits for a writer of another process.
const BUSY_MS: &str = "5000";
/// Steps of a statement between two questions whether it may go on: some tenths of a millisecond.
const STEPS: i32 = 5_000;
/// No end.
const NEVER: u64 = u64::MAX;

/// The connections of a process: some for reading, one for writing. Two writers of `SQLite` wait for each other
/// anyway. Waiting in our own queue is fair and costs nothing; waiting inside `SQLite` is a lottery of sleeps.
#[derive(Clone, Debug)]
pub struct Lanes(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    readers: Vec<Lane>,
    /// Numbers of readers. The last that came back goes first: its pages are in its cache, and what is never needed is
    /// never opened.
    free: Mutex<Vec<usize>>,
    turns: Semaphore,
    writer: Lane,
    writer_turn: Arc<Semaphore>,
    time: Duration,
}

#[derive(Debug)]
struct Lane {
    connection: DatabaseConnection,
    run: Arc<Run>,
}

/// What a lane does at present.
#[derive(Debug)]
struct Run {
    began: Instant,
    /// Milliseconds since the beginning at which the statement ends.
    end: AtomicU64,
    /// The last one was given up, and perhaps still runs.
    is_given_up: AtomicBool,
}

impl Run {
    fn goes_on(&self) -> bool {
        let end = self.end.load(Ordering::Relaxed);
        end == NEVER || self.began.elapsed().as_millis() < u128::from(end)
    }

    fn may_take(&self, time: Duration) {
        let end = (self.began.elapsed() + time).as_millis();
        self.end
            .store(u64::try_from(end).unwrap_or(NEVER), Ordering::Relaxed);
    }

    fn give_up(&self) {
        self.is_given_up.store(true, Ordering::SeqCst);
        self.end.store(0, Ordering::SeqCst);
    }
}

impl Lane {
    async fn open(options: &ConnectOptions, reads: bool) -> Result<Self, DbErr> {
        let run = Arc::new(Run {
            began: Instant::now(),
            end: AtomicU64::new(NEVER),
            is_given_up: AtomicBool::default(),
        });
        let asked = run.clone();
        let mut options = options.clone();
        options
            .max_connections(1)
            .connect_lazy(reads)
            .map_sqlx_sqlite_pool_opts(move |pool| {
                let asked = asked.clone();
                let pool = pool.after_connect(move |connection, _| {
                    let asked = asked.clone();
                    Box::pin(async move {
                        let mut handle = connection.lock_handle().await?;
                        handle.set_progress_handler(STEPS, move || asked.goes_on());
                        Ok(())
                    })
                });
                if reads {
                    return pool;
                }
                // An interrupt and a full disk end the transaction in SQLite, and the rollback that follows fails: the
                // library then takes it for open for ever, and what is committed after it for a part of it. Such a
                // connection is closed. The ping waits for the rollback.
                pool.after_release(|connection, _| {
                    Box::pin(async move {
                        connection.ping().await?;
                        Ok(!connection.is_in_transaction())
                    })
                })
            });
        let connection = Database::connect(options).await?;
        Ok(Self { connection, run })
    }

    /// Waits until a statement that was given up has ended.
    async fn settle(&self) -> Result<(), DbErr> {
        if self.run.is_given_up.load(Ordering::SeqCst) {
            self.connection.ping().await?;
            self.run.is_given_up.store(false, Ordering::SeqCst);
        }
        Ok(())
    }
}

impl Lanes {
    pub(super) async fn open(
        mut options: ConnectOptions,
        readers: u32,
        time: Duration,
    ) -> Result<Self, DbErr> {
        options.map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .create_if_missing(true)
                .foreign_keys(true)
                .pragma("journal_mode", "WAL")
                // Acknowledged means durable: the log is synced before a commit returns.
                .pragma("synchronous", "FULL")
                .pragma("busy_timeout", BUSY_MS)
                .pragma("cache_size", "-16000")
        });
        // Opened first: it makes the file.
        let writer = Lane::open(&options, false).await?;
        let mut lanes = Vec::new();
        for _ in 0..readers {
            lanes.push(Lane::open(&options, true).await?);
        }
        Ok(Self(Arc::new(Inner {
            free: Mutex::new((0..lanes.len()).collect()),
            turns: Semaphore::new(lanes.len()),
            readers: lanes,
            writer,
            writer_turn: Arc::new(Semaphore::new(1)),
            time,
        })))
    }

    pub(super) fn tell(&mut self, watcher: &(impl Fn(&metric::Info<'_>) + Clone + Send + Sync + 'static)) {
        // Whoever watches does so before anybody else has the lanes.
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            for lane in inner.readers.iter_mut().chain([&mut inner.writer]) {
                lane.connection.set_metric_callback(watcher.clone());
            }
        }
    }

    /// A lane for one statement.
    pub(super) async fn lease(&self) -> Result<Lease<'_>, DbErr> {
        let turn = turn(self.0.turns.acquire()).await?;
        // There are as many numbers as turns.
        let number = self.0.free().pop().unwrap_or_default();
        let lease = Lease {
            inner: &self.0,
            number,
            is_over: false,
            _turn: turn,
        };
        let lane = lease.lane();
        lane.settle().await?;
        lane.run.may_take(self.0.time);
        Ok(lease)
    }

    pub(super) async fn begin(&self) -> Result<Writing, StoreError> {
        let permit = turn(self.0.writer_turn.clone().acquire_owned()).await?;
        self.writing(permit).await
    }

    pub(super) async fn begin_if_free(&self) -> Result<Option<Writing>, StoreError> {
        match self.0.writer_turn.clone().try_acquire_owned() {
            Ok(permit) => self.writing(permit).await.map(Some),
            Err(_) => Ok(None),
        }
    }

    async fn writing(&self, permit: OwnedSemaphorePermit) -> Result<Writing, StoreError> {
        let writer = &self.0.writer;
        let turn = WriterTurn {
            run: Some(writer.run.clone()),
            _permit: permit,
        };
        writer.settle().await?;
        // A transaction is given up as a whole, by whoever waits for it.
        writer.run.end.store(NEVER, Ordering::SeqCst);
        let transaction = writer.connection.begin_with_options(immediate()).await?;
        Ok(Writing::new(Turn::Sqlite(turn), transaction))
    }

    pub(super) async fn close(&self) -> Result<(), DbErr> {
        for lane in self.0.readers.iter().chain([&self.0.writer]) {
            lane.connection.close_by_ref().await?;
        }
        Ok(())
    }
}

/// A turn, unless it takes too long to come.
async fn turn<T, E>(turn: impl Future<Output = Result<T, E>>) -> Result<T, DbErr> {
    let late = |()| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout);
    let turn = timeout(ACQUIRE, turn).await.map_err(|_| late(()))?;
    // A queue that nobody closes.
    turn.map_err(|_| DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed))
}

impl Inner {
    fn free(&self) -> MutexGuard<'_, Vec<usize>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A lane that runs one statement.
#[derive(Debug)]
pub struct Lease<'a> {
    inner: &'a Inner,
    number: usize,
    is_over: bool,
    _turn: SemaphorePermit<'a>,
}

impl Lease<'_> {
    fn lane(&self) -> &Lane {
        // Every number is that of a reader.
        &self.inner.readers[self.number]
    }

    pub(super) fn connection(&self) -> DatabaseConnection {
        self.lane().connection.clone()
    }

    /// The statement has ended.
    pub(super) fn ended(mut self) {
        self.is_over = true;
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.lane().run.give_up();
        }
        self.inner.free().push(self.number);
    }
}

/// The turn of one who writes.
#[derive(Debug)]
pub struct WriterTurn {
    run: Option<Arc<Run>>,
    _permit: OwnedSemaphorePermit,
}

impl WriterTurn {
    /// The transaction has ended.
    pub fn ended(mut self) {
        self.run = None;
    }
}

impl Drop for WriterTurn {
    fn drop(&mut self) {
        if let Some(run) = &self.run {
            run.give_up();
        }
    }
}
