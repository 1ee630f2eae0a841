//! Limits connections, in total and per address.
//!
//! Idle connections must not block others. When all slots are in use, an idle connection is closed for a new one: first
//! a connection that never sent a request, then one between two requests, longest idle first. Connections with running
//! requests, sockets and streams keep their slots.

mod table;

use std::{
    io,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use self::table::{Peer, SlotTable};
use super::ConnectionLimits;

/// Minimum interval between log lines about the same problem.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// All slots. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ConnectionSlots(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    table: Mutex<SlotTable>,
    free: Arc<Semaphore>,
    /// `None` if one address may use all slots.
    per_address: Option<usize>,
    /// Notified when a connection becomes idle and can be closed.
    idle: Notify,
    /// Time of the last log line for each [`RefusalCause`].
    logged: Mutex<[Option<Instant>; 3]>,
}

/// The slot of one connection. Dropping it frees the slot.
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

/// Problems with slots. Each kind is logged separately.
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
    /// Creates the slots that the limits allow.
    pub fn new(limits: ConnectionLimits) -> Self {
        Self(Arc::new(Inner {
            table: Mutex::default(),
            free: Arc::new(Semaphore::new(limits.connections)),
            per_address: Some(limits.per_address).filter(|few| *few < limits.connections),
            idle: Notify::new(),
            logged: Mutex::default(),
        }))
    }

    /// Waits for a free slot and takes it. Returns `None` when the address has reached its limit and all its
    /// connections are busy.
    pub async fn take(&self, address: IpAddr) -> Option<ConnectionSlot> {
        let peer = Peer::of(address);
        if let Some(max) = self.0.per_address
            && !self.0.table.lock().has_room(peer, max)
        {
            self.log(
                RefusalCause::Address,
                "connections_per_address: all connections of an address are busy; a new connection was refused",
            );
            return None;
        }
        let permit = self.permit().await?;
        let leave = CancellationToken::new();
        let number = self.0.table.lock().enter(peer, leave.clone());
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
            let idle = self.0.idle.notified();
            let acquired = free.clone().acquire_owned();
            if self.evict_one() {
                return acquired.await.ok();
            }
            self.log(
                RefusalCause::All,
                "connections_max: all connections are busy; new connections wait",
            );
            tokio::select! {
                permit = acquired => return permit.ok(),
                () = idle => {}
            }
        }
    }

    /// Closes an idle connection. Returns false if there is none.
    pub fn evict_one(&self) -> bool {
        self.0.table.lock().evict_one()
    }

    /// Logs that a connection could not be accepted.
    pub fn log_accept_error(&self, error: &io::Error) {
        self.log(
            RefusalCause::System,
            &format!("could not accept a connection: {error}"),
        );
    }

    /// Logs a message unless the same kind of problem was logged recently.
    fn log(&self, cause: RefusalCause, message: &str) {
        let now = Instant::now();
        let mut logged = self.0.logged.lock();
        let last = &mut logged[cause as usize];
        if last.is_none_or(|last| now.duration_since(last) >= LOG_INTERVAL) {
            *last = Some(now);
            tracing::warn!("{message}");
        }
    }
}

impl ConnectionSlot {
    pub fn stage(&self) -> Stage {
        *self.stage.lock()
    }

    /// Records that bytes have arrived.
    pub fn record_bytes(&self) {
        let mut stage = self.stage.lock();
        if let Stage::Next(_) = *stage {
            *stage = Stage::Head(Instant::now());
        }
    }

    /// Records whether the network has accepted all bytes of a response. Restarts the wait for a request,
    /// which begins only after that.
    pub fn record_write(&self, is_done: bool) {
        self.is_writing.store(!is_done, Ordering::Relaxed);
        let mut stage = self.stage.lock();
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
        *self.stage.lock() = Stage::Request;
        self.slots.0.table.lock().begin(self.number);
        ActiveRequest(self.clone())
    }

    /// Whether the connection has ever sent a request.
    pub fn had_request(&self) -> bool {
        self.had_request.load(Ordering::Relaxed)
    }

    /// Whether the connection was chosen to be closed for another one.
    pub fn is_evicted(&self) -> bool {
        self.leave.is_cancelled()
    }

    /// Waits until the connection is chosen to be closed for another one.
    pub async fn evicted(&self) {
        self.leave.cancelled().await;
    }
}

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        let Self(slot) = self;
        if slot.slots.0.table.lock().end(slot.number) {
            *slot.stage.lock() = Stage::Next(Instant::now());
            slot.slots.0.idle.notify_one();
        }
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.slots.0.table.lock().leave(self.number);
    }
}
