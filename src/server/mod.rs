//! HTTP: what comes over the network, until it is a request of a viewer.
//!
//! Layer 7. [`router`](router::router) has every route on one screen. A credential becomes a viewer in
//! [`authenticate`]; POST and GET are in [`graphql`], sockets in [`ws`], streams of events in
//! [`sse`]. Here and nowhere else is it known that there is
//! an HTTP.

mod accept;
mod authenticate;
mod body;
mod connection;
mod content;
mod descriptors;
mod explorer;
mod graphql;
mod health;
mod held;
mod host;
mod linger;
mod meter;
mod origin;
mod places;
mod quota;
mod reply;
mod router;
mod serve;
mod shape;
mod sse;
mod watch;
mod ws;

use std::{sync::Arc, time::Duration};

use async_graphql::Response;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use body::BodyRoom;
pub use descriptors::{Room, TooFewFiles};
pub use explorer::{ExplorerPage, OPERATIONS, Operation};
pub use origin::Origins;
pub use quota::Quota;
pub use serve::serve;
pub use watch::Watch;

use self::quota::Taken;
use crate::{
    auth::{Identity, Viewer},
    budget::{Account, Budget, Charge},
    graphql::{
        Fanout, Schema,
        error::{crowded, out_of_room},
    },
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
    /// Memory for rows and answers.
    pub budget: Budget<Identity>,
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
}

/// What a request takes before its answer is known, in bytes.
const REQUEST_BYTES: usize = 64 << 10;

/// What an operation over a socket or an event stream takes up, until this is dropped.
#[derive(Debug)]
struct Operating {
    account: Arc<Account>,
    _taken: Taken,
    _request: Charge,
}

impl ServerState {
    /// Room for one operation of a viewer over a socket or an event stream, whose request has so many bytes. An error is
    /// the whole answer.
    fn operate(&self, viewer: &Viewer, bytes: usize) -> Result<Operating, Box<Response>> {
        let message = "You run too many operations over all your sockets and streams.";
        let taken = self.quotas.operations.take(viewer.identity, 1);
        let taken = taken.ok_or_else(|| Box::new(crowded(message)))?;
        let account = self.budget.open(viewer.identity);
        let request = account.charge(bytes);
        let request = request.map_err(|exceeded| Box::new(out_of_room(exceeded)))?;
        Ok(Operating {
            account,
            _taken: taken,
            _request: request,
        })
    }

    /// An account for one request of a viewer, with room to begin. An error is the whole answer.
    fn account(&self, viewer: &Viewer) -> Result<(Arc<Account>, Charge), Box<Response>> {
        let account = self.budget.open(viewer.identity);
        match account.charge(REQUEST_BYTES) {
            Ok(charge) => Ok((account, charge)),
            Err(exceeded) => Err(Box::new(out_of_room(exceeded))),
        }
    }
}

/// Bounds on what is taken from the network.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes of a body and of a socket's message.
    pub body_bytes_max: usize,
    /// How long the head of a request may take.
    pub header_timeout: Duration,
    /// How long a connection may be quiet between two requests.
    pub keep_alive_timeout: Duration,
    /// How long a body may take.
    pub body_timeout: Duration,
    /// How often a socket is asked for a sign of life.
    pub ping_every: Duration,
    /// How long a peer may take none of what is written.
    pub write_timeout: Duration,
    /// Operations that one socket may run at a time.
    pub operations_per_socket: usize,
    /// Answers that wait for one connection.
    pub subscription_buffer: usize,
    /// Bytes of them.
    pub subscription_buffer_bytes: usize,
}
