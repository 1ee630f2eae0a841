//! At most so many connections, opened when they are needed.
//!
//! Whoever has one has it alone. What comes back is used again as it is, without a question: a session that was given up
//! in the middle of a statement, or that failed, never comes back.

use std::{
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{ConnAcquireErr, DbErr};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tokio_util::task::TaskTracker;

use super::{
    ACQUIRE,
    batch::Ended,
    session::{Session, Work, ends},
};
use crate::{
    auth::{Share, Shares},
    store::caller,
};

/// How a connection is opened, and how long it is used.
#[derive(Debug)]
pub enum Door {
    Postgres(super::postgres::Door),
    Sqlite(super::sqlite::Door),
}

/// How old a connection to a server becomes, so that the server may be moved behind its address.
const LIFE: Duration = Duration::from_mins(30);
/// How long one may lie idle: whoever is between us and the server may have forgotten it.
const IDLE: Duration = Duration::from_mins(10);

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Pool(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    door: Door,
    /// The last that came back goes first: it is warm, and what is never needed is never opened.
    idle: Mutex<Vec<Idle>>,
    turns: Arc<Semaphore>,
    /// None where one caller may have them all.
    shares: Option<Arc<Shares>>,
    /// How many wait for theirs.
    waiting: AtomicUsize,
    size: u32,
    /// Transactions that are rolled back, or made durable together.
    tasks: TaskTracker,
}

/// Counts somebody who waits.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn count(all: &'a AtomicUsize) -> Self {
        all.fetch_add(1, Ordering::Relaxed);
        Self(all)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Debug)]
struct Idle {
    session: Session,
    age: Age,
}

/// Since when a connection is there, and lies idle.
#[derive(Clone, Copy, Debug)]
struct Age {
    opened: Instant,
    idle: Instant,
}

impl Age {
    fn is_fresh(self, now: Instant) -> bool {
        now.duration_since(self.opened) < LIFE && now.duration_since(self.idle) < IDLE
    }
}

impl Pool {
    /// So many connections, of which one caller has at most a share at a time.
    pub(super) fn new(door: Door, size: u32, share: u32) -> Self {
        Self(Arc::new(Inner {
            door,
            idle: Mutex::default(),
            turns: Arc::new(Semaphore::new(size as usize)),
            shares: (share < size).then(|| Shares::new(share)),
            waiting: AtomicUsize::new(0),
            size,
            tasks: TaskTracker::new(),
        }))
    }

    pub(super) fn door(&self) -> &Door {
        &self.0.door
    }

    pub(super) fn size(&self) -> u32 {
        self.0.size
    }

    /// A connection, in the order in which they are asked for; an error when it takes too long.
    pub(super) async fn lease(&self) -> Result<Lease, DbErr> {
        let late = || DbErr::ConnectionAcquire(ConnAcquireErr::Timeout);
        let leased = timeout(ACQUIRE, async {
            let share = match (&self.0.shares, caller::identity()) {
                (Some(shares), Some(who)) => Some(shares.take(who).await),
                _ => None,
            };
            let mut lease = self.in_turn().await?;
            lease.share = share;
            Ok(lease)
        });
        leased.await.map_err(|_| late())?
    }

    /// The same, however long it takes.
    async fn in_turn(&self) -> Result<Lease, DbErr> {
        let waiting = Waiting::count(&self.0.waiting);
        let turn = self.0.turns.clone().acquire_owned().await;
        drop(waiting);
        self.with(turn.map_err(|_| closed())?).await
    }

    /// The same, but none instead of waiting for somebody else.
    pub(super) async fn lease_if_free(&self) -> Result<Option<Lease>, DbErr> {
        match self.0.turns.clone().try_acquire_owned() {
            Ok(turn) => self.with(turn).await.map(Some),
            Err(_) => Ok(None),
        }
    }

    async fn with(&self, turn: OwnedSemaphorePermit) -> Result<Lease, DbErr> {
        let (session, opened) = match self.idle() {
            Some(idle) => (idle.session, idle.age.opened),
            None => (self.0.door.open().await?, Instant::now()),
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

    /// One that can be used at once.
    fn idle(&self) -> Option<Idle> {
        let mut all = self.lock();
        while let Some(idle) = all.pop() {
            if idle.is_fresh(&self.0.door) {
                return Some(idle);
            }
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.0.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Commits for all who handed a connection on.
    async fn end_batch(self) {
        // Without a time: its place in the line is what others count on.
        let Ok(lease) = self.in_turn().await else { return };
        if let Some(lease) = lease.end_batch().await {
            lease.come_back();
        }
    }

    /// A connection, when all who handed it on were told how it ended: for who will have it for long.
    pub(super) async fn lease_alone(&self) -> Result<Lease, DbErr> {
        loop {
            let lease = self.lease().await?;
            // Not given up halfway when who waits for it is: nobody would know how it ended.
            let ended = self.0.tasks.spawn(lease.end_batch()).await;
            if let Ok(Some(mut lease)) = ended {
                lease.is_alone = true;
                return Ok(lease);
            }
        }
    }

    /// Waits until those who handed a connection on were told how it ended.
    pub(super) async fn settle(&self) {
        // Who waits for it may be given up.
        self.0.tasks.spawn(self.clone().end_batch()).await.ok();
    }

    /// Waits for what is at work, and closes every connection.
    pub(super) async fn close(&self) -> Result<(), DbErr> {
        self.0.tasks.close();
        let over = timeout(ACQUIRE, async {
            self.0.tasks.wait().await;
            // Kept until the queue is closed: nobody comes in between.
            let all = self.0.turns.acquire_many(self.0.size).await;
            self.0.turns.close();
            drop(all);
        });
        if over.await.is_err() {
            self.0.turns.close();
        }
        let idle = mem::take(&mut *self.lock());
        for mut one in idle {
            one.session.end_batch().await?;
            one.session.close().await?;
        }
        Ok(())
    }
}

impl Idle {
    fn is_fresh(&self, door: &Door) -> bool {
        match door {
            Door::Postgres(_) => self.age.is_fresh(Instant::now()),
            // A file does not move.
            Door::Sqlite(_) => true,
        }
    }
}

impl Door {
    async fn open(&self) -> Result<Session, DbErr> {
        match self {
            Self::Postgres(door) => door.open().await,
            Self::Sqlite(door) => door.open().await,
        }
    }
}

fn closed() -> DbErr {
    DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)
}

/// A connection that somebody has. Dropped, it is closed, and what it does is given up.
#[derive(Debug)]
pub struct Lease {
    /// None when it came back.
    session: Option<Session>,
    opened: Instant,
    /// Nobody works in its transaction but who has it.
    is_alone: bool,
    pool: Pool,
    // Last: the next one finds what came back.
    _turn: OwnedSemaphorePermit,
    /// Its place in the share of a caller.
    share: Option<Share>,
}

impl Lease {
    /// The session.
    pub(super) fn session(&mut self) -> Result<&mut Session, DbErr> {
        self.session.as_mut().ok_or_else(closed)
    }

    /// Does one thing, and takes the connection back.
    pub(super) async fn run<W: Work>(mut self, work: W) -> Result<W::Answer, DbErr> {
        let answer = work.on(self.session()?).await;
        if answer.as_ref().err().is_none_or(|error| !ends(error)) {
            self.come_back();
        }
        answer
    }

    /// It can be used again.
    pub(super) fn come_back(mut self) {
        if let Some(session) = self.session.take() {
            let age = Age {
                opened: self.opened,
                idle: Instant::now(),
            };
            let idle = Idle { session, age };
            let mut all = self.pool.lock();
            all.push(idle);
            // The lowest lies there for the longest time.
            if !all[0].is_fresh(&self.pool.0.door) {
                all.remove(0);
            }
        }
    }

    /// What was done waits for one commit with what others did, or do as soon as they have it: when others did, or wait.
    pub(super) fn is_shared(&mut self) -> bool {
        let is_wanted = self.pool.0.waiting.load(Ordering::Relaxed) > 0 && !self.pool.0.turns.is_closed();
        let batch = self.session.as_mut().and_then(Session::batch);
        batch.is_some_and(|batch| batch.is_open() || is_wanted) && !self.is_alone
    }

    /// Commits for all who handed it on, if somebody did. None when that failed.
    async fn end_batch(mut self) -> Option<Self> {
        if self.session.as_mut()?.end_batch().await.is_err() {
            self.roll_back();
            return None;
        }
        Some(self)
    }

    /// Hands it on to those who wait for it. Somebody commits for all, behind those who wait now.
    pub(super) fn hand_on(mut self) -> Option<Ended> {
        let batch = self.session.as_mut().and_then(Session::batch)?;
        if !batch.is_open() {
            self.pool.0.tasks.spawn(self.pool.clone().end_batch());
        }
        let ended = batch.join();
        let tasks = self.pool.0.tasks.clone();
        if self.pool.0.turns.is_closed() {
            // Nobody comes behind it any more.
            tasks.spawn(self.end_batch());
        } else {
            self.come_back();
        }
        Some(ended)
    }

    /// Ends what it does and rolls back, on its own, and comes back then. Nobody has its turn before.
    pub(super) fn roll_back(mut self) {
        // Without a runtime, as at its end, the connection is closed: that rolls back, too.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let tasks = self.pool.0.tasks.clone();
        tasks.spawn_on(
            async move {
                let Ok(session) = self.session() else { return };
                let rolled_back = timeout(ACQUIRE, session.undo().on(session)).await;
                // An interrupt or a full disk ended the transaction in SQLite already, and nothing is to be rolled back: those
                // before it in its batch are told so when the connection is closed. Whatever else it may be: a new
                // connection is in no transaction.
                if matches!(rolled_back, Ok(Ok(_))) {
                    self.come_back();
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
    fn a_connection_is_used_until_it_is_old_or_was_idle_for_long() {
        let (opened, second) = (Instant::now(), Duration::from_secs(1));
        let fresh = |idle: Duration, now: Duration| {
            let age = Age {
                opened,
                idle: opened + idle,
            };
            age.is_fresh(opened + now)
        };
        assert!(fresh(second, IDLE));
        assert!(!fresh(Duration::ZERO, IDLE));
        assert!(fresh(IDLE * 2, IDLE * 2 + second));
        assert!(!fresh(LIFE, LIFE));
    }
}
