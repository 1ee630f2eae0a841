//! Places for connections: so many in all, and so many for one address.
//!
//! A peer that only connects must not keep others out. Where all places are taken, a connection that waits for a request
//! gives its place to the next one who comes: first those on which no request ever came, then those between two requests,
//! the longest of each first. Requests that run, sockets and streams keep theirs.

mod table;

use std::{
    io,
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use self::table::{Peer, Table};
use super::Room;

/// How often the log is told at most that places are taken.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// All places. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Places(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    table: Mutex<Table>,
    free: Arc<Semaphore>,
    /// None where one address may have all of them.
    per_address: Option<usize>,
    /// A connection begins to wait for a request, and could give up its place.
    quiet: Notify,
    /// When each of the [`Trouble`]s was logged last.
    told: Mutex<[Option<Instant>; 3]>,
}

/// The place of one connection, until it is dropped.
#[derive(Debug)]
pub struct Place {
    places: Places,
    number: u64,
    leave: CancellationToken,
    had_request: AtomicBool,
    stage: Mutex<Stage>,
    /// The peer has not taken all of what was written.
    is_writing: AtomicBool,
    _permit: OwnedSemaphorePermit,
}

/// What a connection waits for.
#[derive(Clone, Copy, Debug)]
pub enum Stage {
    /// The head of a request, which began to come then. That of the first begins with the connection.
    Head(Instant),
    /// The end of a request.
    Request,
    /// The next request, since then.
    Next(Instant),
}

/// What an operator should know of places, and why it is logged apart.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    Address,
    All,
    System,
}

/// A request runs on a connection, until this is dropped.
#[derive(Debug)]
pub struct Busy(Arc<Place>);

impl Places {
    /// So many as there is room for.
    pub fn new(room: Room) -> Self {
        Self(Arc::new(Inner {
            table: Mutex::default(),
            free: Arc::new(Semaphore::new(room.connections)),
            per_address: Some(room.per_address).filter(|few| *few < room.connections),
            quiet: Notify::new(),
            told: Mutex::default(),
        }))
    }

    /// A place for a peer, as soon as there is one. None when its address has all that it may have, and all of them are at
    /// work.
    pub async fn take(&self, address: IpAddr) -> Option<Place> {
        let peer = Peer::of(address);
        if let Some(max) = self.0.per_address
            && !self.table().has_room(peer, max)
        {
            self.tell(
                Trouble::Address,
                "connections_per_address: all connections of an address are busy; a new connection was refused",
            );
            return None;
        }
        let permit = self.permit().await?;
        let leave = CancellationToken::new();
        let number = self.table().enter(peer, leave.clone());
        Some(Place {
            places: self.clone(),
            number,
            leave,
            had_request: AtomicBool::new(false),
            stage: Mutex::new(Stage::Head(Instant::now())),
            is_writing: AtomicBool::new(false),
            _permit: permit,
        })
    }

    async fn permit(&self) -> Option<OwnedSemaphorePermit> {
        let free = &self.0.free;
        loop {
            if let Ok(permit) = free.clone().try_acquire_owned() {
                return Some(permit);
            }
            let quiet = self.0.quiet.notified();
            let taken = free.clone().acquire_owned();
            if self.give_up_one() {
                return taken.await.ok();
            }
            self.tell(
                Trouble::All,
                "connections_max: all connections are busy; new connections wait",
            );
            tokio::select! {
                permit = taken => return permit.ok(),
                () = quiet => {}
            }
        }
    }

    /// Ends a connection that waits for a request. False when there is none.
    pub fn give_up_one(&self) -> bool {
        self.table().give_up_one()
    }

    /// Logs that no connection can be accepted.
    pub fn tell_of(&self, error: &io::Error) {
        self.tell(
            Trouble::System,
            &format!("could not accept a connection: {error}"),
        );
    }

    /// Logs a sentence, but not each time.
    fn tell(&self, trouble: Trouble, sentence: &str) {
        let now = Instant::now();
        let mut told = self.0.told.lock().unwrap_or_else(PoisonError::into_inner);
        let told = &mut told[trouble as usize];
        if told.is_none_or(|told| now.duration_since(told) >= TELL_EVERY) {
            *told = Some(now);
            tracing::warn!("{sentence}");
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// What it waits for.
    pub fn stage(&self) -> Stage {
        *self.locked()
    }

    /// Bytes came in.
    pub fn heard(&self) {
        let mut stage = self.locked();
        if let Stage::Next(_) = *stage {
            *stage = Stage::Head(Instant::now());
        }
    }

    /// The network takes bytes of an answer, or does not yet. No wait for a request begins before it has taken all.
    pub fn writes(&self, is_done: bool) {
        self.is_writing.store(!is_done, Ordering::Relaxed);
        let mut stage = self.locked();
        if let Stage::Next(since) | Stage::Head(since) = &mut *stage {
            *since = Instant::now();
        }
    }

    /// Whether the peer has not taken all of what was written. How long that may take is bounded where it is written.
    pub fn is_writing(&self) -> bool {
        self.is_writing.load(Ordering::Relaxed)
    }

    /// A request begins.
    pub fn begin(self: &Arc<Self>) -> Busy {
        self.had_request.store(true, Ordering::Relaxed);
        *self.locked() = Stage::Request;
        self.places.table().begin(self.number);
        Busy(self.clone())
    }

    /// Whether a request ever came.
    pub fn had_request(&self) -> bool {
        self.had_request.load(Ordering::Relaxed)
    }

    /// Whether another connection gets the place.
    pub fn is_given_up(&self) -> bool {
        self.leave.is_cancelled()
    }

    /// Waits until another connection gets the place.
    pub async fn given_up(&self) {
        self.leave.cancelled().await;
    }

    fn locked(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let Self(place) = self;
        if place.places.table().end(place.number) {
            *place.locked() = Stage::Next(Instant::now());
            place.places.0.quiet.notify_one();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.table().leave(self.number);
    }
}
