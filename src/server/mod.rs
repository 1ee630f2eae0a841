//! HTTP: what comes over the network, until it is a request of a viewer.
//!
//! Floor 7. [`router`](router::router) has every route on one screen. A credential becomes a viewer in
//! [`authenticate`]; POST and GET are in [`graphql`], sockets in [`ws`], streams of events in
//! [`sse`]. Here and nowhere else is it known that there is
//! an HTTP.

mod authenticate;
mod body;
mod explorer;
mod graphql;
mod health;
mod meter;
mod origin;
mod quota;
mod reply;
mod router;
mod serve;
mod sse;
mod watch;
mod ws;

use std::{sync::Arc, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use body::BodyRoom;
pub use explorer::{ExplorerPage, OPERATIONS, Operation};
pub use origin::Origins;
pub use quota::Quota;
pub use serve::serve;
pub use watch::Watch;

use self::quota::Taken;
use crate::{
    auth::Identity,
    graphql::{Fanout, Schema},
    keyring::Keyring,
    service::Services,
};

/// What every handler works with: one for all.
pub struct ServerState {
    /// The schema.
    pub schema: Schema,
    /// For those who stay connected.
    pub fanout: Fanout,
    /// For looking up keys.
    pub services: Services,
    /// For reading tokens.
    pub keyring: Arc<Keyring>,
    /// Bounds.
    pub bounds: Bounds,
    /// Room for the bodies of requests.
    pub bodies: BodyRoom,
    /// What each viewer may take up.
    pub quotas: Quotas,
    /// Pages that may call.
    pub origins: Origins,
    /// Whoever works for a socket does it here, so that a shutdown waits for it.
    pub tasks: TaskTracker,
    /// Ends with the process.
    pub stop: CancellationToken,
    /// The credentials of those who stay connected.
    pub watch: Watch,
}

/// How much each viewer may take up at a time.
#[derive(Clone, Debug)]
pub struct Quotas {
    /// Sockets.
    pub sockets: Quota,
    /// Operations over sockets and event streams.
    pub operations: Quota,
    /// Bytes that are held for it: of answers that it has not taken yet, and of what its operations ask.
    pub bytes: Quota,
}

impl Quotas {
    /// Takes what one operation over a socket or an event stream takes up, whose request has so many bytes.
    fn operation(&self, who: Identity, bytes: usize) -> Option<[Taken; 2]> {
        Some([self.operations.take(who, 1)?, self.bytes.take(who, bytes)?])
    }
}

/// Bounds on what is taken from the network.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes of a body and of a socket's message.
    pub body_bytes_max: usize,
    /// How long the head of a request may take, and how long a connection may be quiet between two.
    pub header_timeout: Duration,
    /// How long a body may take.
    pub body_timeout: Duration,
    /// How often a socket is asked for a sign of life.
    pub ping_every: Duration,
    /// How long a peer may take none of what is written.
    pub write_timeout: Duration,
    /// Connections at a time, sockets among them.
    pub connections_max: usize,
    /// Operations that one socket may run at a time.
    pub operations_per_socket: usize,
    /// Answers that wait for one connection.
    pub subscription_buffer: usize,
}
