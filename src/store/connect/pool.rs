//! Pool of connections with an upper bound, opened on demand.
//!
//! A lease gives exclusive use of a connection. A returned connection is used again without a check: a
//! session that failed, or that was given up in the middle of a statement, is never returned.

use std::{
    mem,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use sea_orm::{ConnAcquireErr, DbErr};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tokio_util::task::TaskTracker;

use super::{
    ACQUIRE,
    batch::CommitReceiver,
    session::{Session, Work, ends},
};
use crate::{auth::CallerLimits, store::caller};

/// Opens connections and defines how long they are used.
#[derive(Debug)]
pub enum Connector {
    Postgres(Arc<super::postgres::Connector>),
    Sqlite(Arc<super::sqlite::Connector>),
}

/// Maximum age of a connection to a server. A bounded age lets connections follow an address that moves to
/// another server.
const MAX_AGE: Duration = Duration::from_mins(30);
/// Maximum idle time of a connection, because a proxy or firewall can have dropped it.
const MAX_IDLE: Duration = Duration::from_mins(10);

/// The pool. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Pool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    connector: Connector,
    /// Stack: the connection returned last is used first, because its caches are warm. Connections that are
    /// never needed are never opened.
    idle: Mutex<Vec<Idle>>,
    turns: Arc<Semaphore>,
    /// `None` where one caller may use all connections.
    shares: Option<CallerLimits>,
    /// Number of callers that wait for a connection.
    waiting: AtomicUsize,
    size: u32,
    /// Rollbacks and shared commits in the background.
    tasks: TaskTracker,
}

/// Counts a waiting caller for as long as it exists.
struct WaitCounter<'a>(&'a AtomicUsize);

impl<'a> WaitCounter<'a> {
    fn count(all: &'a AtomicUsize) -> Self {
        all.fetch_add(1, Ordering::Relaxed);
        Self(all)
    }
}

impl Drop for WaitCounter<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Debug)]
struct Idle {
    session: Session,
    age: Age,
}

/// Times when a connection was opened and last returned.
#[derive(Clone, Copy, Debug)]
struct Age {
    opened: Instant,
    idle: Instant,
}

impl Age {
    fn is_fresh(self, now: Instant) -> bool {
        now.duration_since(self.opened) < MAX_AGE && now.duration_since(self.idle) < MAX_IDLE
    }
}

impl Pool {
    /// Creates a pool of `size` connections, of which one caller has at most `share` at a time.
    pub(super) fn new(connector: Connector, size: u32, share: u32) -> Self {
        Self(Arc::new(Inner {
            connector,
            idle: Mutex::default(),
            turns: Arc::new(Semaphore::new(size as usize)),
            shares: (share < size).then(|| CallerLimits::new(share as usize)),
            waiting: AtomicUsize::new(0),
            size,
            tasks: TaskTracker::new(),
        }))
    }

    pub(super) fn size(&self) -> u32 {
        self.0.size
    }

    /// Returns a connection in the order of the requests. Fails after [`ACQUIRE`].
    pub(super) async fn lease(&self) -> Result<Lease, DbErr> {
        let late = || DbErr::ConnectionAcquire(ConnAcquireErr::Timeout);
        let leased = timeout(ACQUIRE, async {
            let share = match (&self.0.shares, caller::identity()) {
                (Some(shares), Some(who)) => shares.take(who).await,
                _ => None,
            };
            let mut lease = self.in_turn().await?;
            lease.share = share;
            Ok(lease)
        });
        leased.await.map_err(|_| late())?
    }

    /// Like [`Self::lease`], without a time limit or a share.
    async fn in_turn(&self) -> Result<Lease, DbErr> {
        let waiting = WaitCounter::count(&self.0.waiting);
        let turn = self.0.turns.clone().acquire_owned().await;
        drop(waiting);
        self.with(turn.map_err(|_| closed())?).await
    }

    /// Like [`Self::lease`], but returns `None` instead of waiting.
    pub(super) async fn lease_if_free(&self) -> Result<Option<Lease>, DbErr> {
        match self.0.turns.clone().try_acquire_owned() {
            Ok(turn) => self.with(turn).await.map(Some),
            Err(_) => Ok(None),
        }
    }

    async fn with(&self, turn: OwnedSemaphorePermit) -> Result<Lease, DbErr> {
        let (session, opened) = match self.idle() {
            Some(idle) => (idle.session, idle.age.opened),
            None => (self.0.connector.open().await?, Instant::now()),
        };
        Ok(Lease {
            session: Some(session),
            opened,
            is_alone: false,
            pool: self.clone(),
            _turn: turn,
            share: None,
        })
    }

    /// Returns an idle connection that is not too old.
    fn idle(&self) -> Option<Idle> {
        let mut all = self.0.idle.lock();
        while let Some(idle) = all.pop() {
            if idle.is_fresh(&self.0.connector) {
                return Some(idle);
            }
        }
        None
    }

    /// Commits for all transactions that handed a connection on.
    async fn end_batch(self) {
        // Without a time limit, because other transactions rely on its place in the queue.
        let Ok(lease) = self.in_turn().await else { return };
        if let Some(lease) = lease.end_batch().await {
            lease.release();
        }
    }

    /// Returns a connection after every transaction that handed it on has its outcome. For callers that keep
    /// it for long.
    pub(super) async fn lease_alone(&self) -> Result<Lease, DbErr> {
        loop {
            let lease = self.lease().await?;
            // Runs in its own task, because a commit that is cancelled halfway has an unknown outcome.
            let ended = self.0.tasks.spawn(lease.end_batch()).await;
            if let Ok(Some(mut lease)) = ended {
                lease.is_alone = true;
                return Ok(lease);
            }
        }
    }

    /// Waits until every transaction that handed a connection on has its outcome.
    pub(super) async fn settle(&self) {
        // Runs in its own task, because the waiting caller can be cancelled.
        self.0.tasks.spawn(self.clone().end_batch()).await.ok();
    }

    /// Waits for running work, up to [`ACQUIRE`], and closes every connection.
    pub(super) async fn close(&self) -> Result<(), DbErr> {
        self.0.tasks.close();
        let over = timeout(ACQUIRE, async {
            self.0.tasks.wait().await;
            // Held until the queue is closed, so that no caller gets a connection in between.
            let all = self.0.turns.acquire_many(self.0.size).await;
            self.0.turns.close();
            drop(all);
        });
        if over.await.is_err() {
            self.0.turns.close();
        }
        let idle = mem::take(&mut *self.0.idle.lock());
        for mut one in idle {
            one.session.end_batch().await?;
            one.session.close().await?;
        }
        Ok(())
    }
}

impl Idle {
    fn is_fresh(&self, connector: &Connector) -> bool {
        match connector {
            Connector::Postgres(_) => self.age.is_fresh(Instant::now()),
            // A file has no address that can change.
            Connector::Sqlite(_) => true,
        }
    }
}

impl Connector {
    async fn open(&self) -> Result<Session, DbErr> {
        match self {
            Self::Postgres(connector) => connector.open().await,
            Self::Sqlite(connector) => connector.open().await,
        }
    }
}

fn closed() -> DbErr {
    DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)
}

/// Exclusive use of a connection. Dropping it closes the connection and gives up the running work.
#[derive(Debug)]
pub struct Lease {
    /// `None` after the connection was returned.
    session: Option<Session>,
    opened: Instant,
    /// Whether the transaction of this lease shares its commit with no other.
    is_alone: bool,
    pool: Pool,
    // Last field, so that the next caller finds the returned connection.
    _turn: OwnedSemaphorePermit,
    /// Part of the share of a caller.
    share: Option<OwnedSemaphorePermit>,
}

impl Lease {
    pub(super) fn session(&mut self) -> Result<&mut Session, DbErr> {
        self.session.as_mut().ok_or_else(closed)
    }

    /// Runs one piece of work and returns the connection to the pool.
    pub(super) async fn run<W: Work>(mut self, work: W) -> Result<W::Answer, DbErr> {
        let answer = work.on(self.session()?).await;
        if answer.as_ref().err().is_none_or(|error| !ends(error)) {
            self.release();
        }
        answer
    }

    /// Returns the connection to the pool.
    pub(super) fn release(mut self) {
        if let Some(session) = self.session.take() {
            let age = Age {
                opened: self.opened,
                idle: Instant::now(),
            };
            let idle = Idle { session, age };
            let mut all = self.pool.0.idle.lock();
            all.push(idle);
            // The bottom of the stack has been idle longest.
            if !all[0].is_fresh(&self.pool.0.connector) {
                all.remove(0);
            }
        }
    }

    /// Whether the transaction shares its commit with others: if others wait for the commit or for the
    /// connection.
    pub(super) fn is_shared(&mut self) -> bool {
        let is_wanted = self.pool.0.waiting.load(Ordering::Relaxed) > 0 && !self.pool.0.turns.is_closed();
        let batch = self.session.as_mut().and_then(Session::batch);
        batch.is_some_and(|batch| batch.is_open() || is_wanted) && !self.is_alone
    }

    /// Commits for all transactions that handed the connection on, if there are any. Returns `None` if the
    /// commit failed.
    async fn end_batch(mut self) -> Option<Self> {
        if self.session.as_mut()?.end_batch().await.is_err() {
            self.roll_back();
            return None;
        }
        Some(self)
    }

    /// Hands the connection on to the waiting callers. A task behind those that wait now commits for all.
    pub(super) fn hand_on(mut self) -> Option<CommitReceiver> {
        let batch = self.session.as_mut().and_then(Session::batch)?;
        if !batch.is_open() {
            self.pool.0.tasks.spawn(self.pool.clone().end_batch());
        }
        let ended = batch.join();
        let tasks = self.pool.0.tasks.clone();
        if self.pool.0.turns.is_closed() {
            // The queue is closed, so no later transaction commits this batch.
            tasks.spawn(self.end_batch());
        } else {
            self.release();
        }
        Some(ended)
    }

    /// Ends the running work and rolls back in the background, then returns the connection. No other caller
    /// gets this place in the queue before.
    pub(super) fn roll_back(mut self) {
        // Without a runtime, as at the end of the process, the connection closes, which also rolls back.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let tasks = self.pool.0.tasks.clone();
        tasks.spawn_on(
            async move {
                let Ok(session) = self.session() else { return };
                let rolled_back = timeout(ACQUIRE, session.undo().on(session)).await;
                // After an interrupt or with a full disk, SQLite has already ended the transaction and the
                // rollback fails. Closing the connection then reports the loss to the earlier members of its
                // batch. Closing is also safe after any other failure, because a new connection is in no
                // transaction.
                if matches!(rolled_back, Ok(Ok(_))) {
                    self.release();
                }
            },
            &runtime,
        );
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(session) = &self.session {
            session.give_up();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_idle_connections_are_not_reused() {
        let (opened, second) = (Instant::now(), Duration::from_secs(1));
        let fresh = |idle: Duration, now: Duration| {
            let age = Age {
                opened,
                idle: opened + idle,
            };
            age.is_fresh(opened + now)
        };
        assert!(fresh(second, MAX_IDLE));
        assert!(!fresh(Duration::ZERO, MAX_IDLE));
        assert!(fresh(MAX_IDLE * 2, MAX_IDLE * 2 + second));
        assert!(!fresh(MAX_AGE, MAX_AGE));
    }
}
