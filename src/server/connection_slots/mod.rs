//! Limits connections, in total and per address.
//!
//! Idle connections must not block others. When all places are taken, an idle connection yields its place to
//! a new one: first connections that never sent a request, then those between two requests, longest idle
//! first. Connections with running requests, sockets and streams keep their places.

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

use self::table::{Peer, SlotTable};
use super::ConnectionLimits;

/// Minimum interval between log lines about the same problem.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// All places. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ConnectionSlots(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    table: Mutex<SlotTable>,
    free: Arc<Semaphore>,
    /// `None` if one address may have all places.
    per_address: Option<usize>,
    /// Notified when a connection becomes idle and can yield its place.
    quiet: Notify,
    /// Time of the last log line for each [`RefusalCause`].
    told: Mutex<[Option<Instant>; 3]>,
}

/// The place of one connection. Dropping it frees the place.
#[derive(Debug)]
pub struct ConnectionSlot {
    slots: ConnectionSlots,
    number: u64,
    leave: CancellationToken,
    had_request: AtomicBool,
    stage: Mutex<Stage>,
    /// Whether the peer has not accepted all written bytes yet.
    is_writing: AtomicBool,
    _permit: OwnedSemaphorePermit,
}

/// State of a connection.
#[derive(Clone, Copy, Debug)]
pub enum Stage {
    /// Receives the head of a request since this time. For the first request, since the connection began.
    Head(Instant),
    /// Runs a request.
    Request,
    /// Idle since this time, between two requests.
    Next(Instant),
}

/// Problems with places. Each kind is logged separately.
#[derive(Clone, Copy, Debug)]
enum RefusalCause {
    Address,
    All,
    System,
}

/// A running request of a connection. Ends on drop.
#[derive(Debug)]
pub struct ActiveRequest(Arc<ConnectionSlot>);

impl ConnectionSlots {
    /// Creates the places that the limits allow.
    pub fn new(limits: ConnectionLimits) -> Self {
        Self(Arc::new(Inner {
            table: Mutex::default(),
            free: Arc::new(Semaphore::new(limits.connections)),
            per_address: Some(limits.per_address).filter(|few| *few < limits.connections),
            quiet: Notify::new(),
            told: Mutex::default(),
        }))
    }

    /// Waits for a free place and takes it. Returns `None` when the address has reached its limit and all its
    /// connections are busy.
    pub async fn take(&self, address: IpAddr) -> Option<ConnectionSlot> {
        let peer = Peer::of(address);
        if let Some(max) = self.0.per_address
            && !self.table().has_room(peer, max)
        {
            self.tell(
                RefusalCause::Address,
                "connections_per_address: all connections of an address are busy; a new connection was refused",
            );
            return None;
        }
        let permit = self.permit().await?;
        let leave = CancellationToken::new();
        let number = self.table().enter(peer, leave.clone());
        Some(ConnectionSlot {
            slots: self.clone(),
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
                RefusalCause::All,
                "connections_max: all connections are busy; new connections wait",
            );
            tokio::select! {
                permit = taken => return permit.ok(),
                () = quiet => {}
            }
        }
    }

    /// Closes an idle connection. Returns false if there is none.
    pub fn give_up_one(&self) -> bool {
        self.table().give_up_one()
    }

    /// Logs that a connection could not be accepted.
    pub fn tell_of(&self, error: &io::Error) {
        self.tell(
            RefusalCause::System,
            &format!("could not accept a connection: {error}"),
        );
    }

    /// Logs a message unless the same kind of problem was logged recently.
    fn tell(&self, trouble: RefusalCause, sentence: &str) {
        let now = Instant::now();
        let mut told = self.0.told.lock().unwrap_or_else(PoisonError::into_inner);
        let told = &mut told[trouble as usize];
        if told.is_none_or(|told| now.duration_since(told) >= LOG_INTERVAL) {
            *told = Some(now);
            tracing::warn!("{sentence}");
        }
    }

    fn table(&self) -> MutexGuard<'_, SlotTable> {
        self.0.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ConnectionSlot {
    /// State of the connection.
    pub fn stage(&self) -> Stage {
        *self.locked()
    }

    /// Records that bytes have arrived.
    pub fn heard(&self) {
        let mut stage = self.locked();
        if let Stage::Next(_) = *stage {
            *stage = Stage::Head(Instant::now());
        }
    }

    /// Records whether the network has accepted all bytes of a response. Restarts the wait for a request,
    /// which begins only after that.
    pub fn writes(&self, is_done: bool) {
        self.is_writing.store(!is_done, Ordering::Relaxed);
        let mut stage = self.locked();
        if let Stage::Next(since) | Stage::Head(since) = &mut *stage {
            *since = Instant::now();
        }
    }

    /// Whether the peer has not accepted all written bytes yet. The write timeout bounds this state.
    pub fn is_writing(&self) -> bool {
        self.is_writing.load(Ordering::Relaxed)
    }

    /// Records the start of a request.
    pub fn begin(self: &Arc<Self>) -> ActiveRequest {
        self.had_request.store(true, Ordering::Relaxed);
        *self.locked() = Stage::Request;
        self.slots.table().begin(self.number);
        ActiveRequest(self.clone())
    }

    /// Whether the connection has ever sent a request.
    pub fn had_request(&self) -> bool {
        self.had_request.load(Ordering::Relaxed)
    }

    /// Whether another connection takes the place.
    pub fn is_given_up(&self) -> bool {
        self.leave.is_cancelled()
    }

    /// Waits until another connection takes the place.
    pub async fn given_up(&self) {
        self.leave.cancelled().await;
    }

    fn locked(&self) -> MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        let Self(slot) = self;
        if slot.slots.table().end(slot.number) {
            *slot.locked() = Stage::Next(Instant::now());
            slot.slots.0.quiet.notify_one();
        }
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.slots.table().leave(self.number);
    }
}
