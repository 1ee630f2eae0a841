//! HTTP: reads requests from the network and sends responses.
//!
//! Layer 8. [`router`](router::router) lists all routes. [`authenticate`] resolves credentials to viewers.
//! [`graphql`] handles POST and GET, [`ws`] handles sockets, and [`sse`] handles event streams. Only this
//! module depends on HTTP.

mod accept;
mod authenticate;
mod body;
mod connection;
mod connection_slots;
mod content;
mod descriptors;
mod explorer;
mod graphql;
mod guarded_body;
mod health;
mod host;
mod linger;
mod meter;
mod origin;
mod reply;
mod router;
mod serve;
mod shape;
mod sse;
mod watch;
mod ws;

use std::{sync::Arc, time::Duration};

use async_graphql::Response;
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use body::BodyMemory;
pub use descriptors::{ConnectionLimits, TooFewFiles};
pub use explorer::{ExplorerPage, OPERATIONS, Operation};
pub use origin::Origins;
pub use serve::serve;
pub use watch::CredentialWatch;

use crate::{
    auth::{CallerLimits, Identity, Viewer},
    budget::{Account, Budget, Charge},
    graphql::{
        Graph,
        error::{crowded, out_of_room},
    },
    keyring::Keyring,
    service::Services,
    subscriptions::Subscriptions,
};

/// State that all handlers share.
pub struct ServerState {
    /// The schema and its gateway.
    pub graph: Graph,
    /// Runs the operations of sockets and event streams.
    pub subscriptions: Subscriptions,
    /// The use cases, for the lookup of API keys.
    pub services: Services,
    /// Verifies tokens.
    pub keyring: Arc<Keyring>,
    /// Bounds on network input and output.
    pub bounds: Bounds,
    /// Pool of bytes for request bodies.
    pub bodies: BodyMemory,
    /// Quotas of each viewer.
    pub quotas: Quotas,
    /// Memory budget for rows and responses.
    pub budget: Budget<Identity>,
    /// Origins of pages that may call the API.
    pub origins: Origins,
    /// Tracks the tasks of connections, so that a shutdown waits for them.
    pub tasks: TaskTracker,
    /// Cancelled when the process stops.
    pub stop: CancellationToken,
    /// Credentials of open connections.
    pub watch: CredentialWatch,
}

/// Limits on the simultaneous use by each viewer.
#[derive(Debug)]
pub struct Quotas {
    /// WebSocket connections.
    pub sockets: CallerLimits,
    /// Operations over sockets and event streams.
    pub operations: CallerLimits,
}

/// Memory of a request in bytes that is charged before its response is known.
const REQUEST_BYTES: usize = 64 << 10;

/// Resources of an operation over a socket or an event stream, released on drop.
#[derive(Debug)]
struct OperationReservation {
    account: Arc<Account>,
    _place: OwnedSemaphorePermit,
    _request: Charge,
}

impl ServerState {
    /// Reserves resources for one operation of a viewer over a socket or an event stream. `bytes` is the size
    /// of the request. An error is the complete response.
    fn operate(&self, viewer: &Viewer, bytes: usize) -> Result<OperationReservation, Box<Response>> {
        let message = "You run too many operations over WebSockets and event streams.";
        let place = self.quotas.operations.try_take(viewer.identity);
        let place = place.ok_or_else(|| Box::new(crowded(message)))?;
        let account = self.budget.open(viewer.identity);
        let request = account.charge(bytes);
        let request = request.map_err(|exceeded| Box::new(out_of_room(exceeded)))?;
        Ok(OperationReservation {
            account,
            _place: place,
            _request: request,
        })
    }

    /// Opens an account for one request of a viewer, with an initial charge. An error is the complete
    /// response.
    fn account(&self, viewer: &Viewer) -> Result<(Arc<Account>, Charge), Box<Response>> {
        let account = self.budget.open(viewer.identity);
        match account.charge(REQUEST_BYTES) {
            Ok(charge) => Ok((account, charge)),
            Err(exceeded) => Err(Box::new(out_of_room(exceeded))),
        }
    }
}

/// Bounds on network input and output.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Maximum size in bytes of a body and of a socket message.
    pub body_bytes_max: usize,
    /// Timeout for the head of a request.
    pub header_timeout: Duration,
    /// Maximum idle time of a connection between two requests.
    pub keep_alive_timeout: Duration,
    /// Timeout for the body of a request.
    pub body_timeout: Duration,
    /// Interval of WebSocket pings.
    pub ping_every: Duration,
    /// Maximum time in which a peer reads nothing of the data that is sent to it.
    pub write_timeout: Duration,
    /// Maximum number of simultaneous operations on one socket.
    pub operations_per_socket: usize,
    /// Maximum number of responses that are queued for one connection.
    pub subscription_buffer: usize,
    /// Maximum size of the queued responses in bytes.
    pub subscription_buffer_bytes: usize,
}
