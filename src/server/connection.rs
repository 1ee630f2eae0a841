//! Serves one connection.

use std::{convert::Infallible, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::{
    Request,
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{
    net::TcpStream,
    time::{Instant, sleep_until, timeout},
};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;

use super::{
    Bounds,
    connection_slots::{ActiveRequest, ConnectionSlot, Stage},
    guarded_body::GuardedBody,
    meter::{Meter, MeteredStream},
};

/// Maximum size in bytes of a request head, and of the read buffer.
const HEAD_BYTES_MAX: usize = 16 << 10;
/// Time in which a refused connection must send its request and read the response.
const REFUSAL: Duration = Duration::from_secs(2);

/// Data that a connection attaches to its requests, and that a WebSocket inherits from its request.
#[derive(Clone, Debug)]
pub struct Admission {
    /// Marks the connection as busy.
    _busy: Arc<ActiveRequest>,
    /// Counts received bytes.
    pub meter: Meter,
}

/// Serves a connection until one side closes it, another connection needs its slot, or the node stops and the requests
/// of the connection have finished.
pub async fn serve_one(
    stream: TcpStream,
    slot: ConnectionSlot,
    router: Router,
    bounds: Bounds,
    stop: CancellationToken,
) {
    // Responses are small, so Nagle's algorithm would only delay them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(error = %error, "could not set TCP_NODELAY; responses on this connection may be delayed");
    }
    let (slot, meter) = (Arc::new(slot), Meter::default());
    let mut stream = TimeoutStream::new(MeteredStream::new(stream, meter.clone(), slot.clone()));
    stream.set_write_timeout(Some(bounds.write_timeout));
    let routes = TowerToHyperService::new(router.into_service::<Incoming>());
    let requests = slot.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        let busy = Arc::new(requests.begin());
        request.extensions_mut().insert(Admission {
            _busy: busy.clone(),
            meter: meter.clone(),
        });
        let response = routes.call(request);
        // The connection is busy until the last byte of the response was sent.
        async move { Ok::<_, Infallible>(response.await?.map(|body| GuardedBody::new(body, busy))) }
    });
    let connection = http1::Builder::new()
        // The loop below enforces the timeouts for request heads and for idle time.
        .header_read_timeout(None)
        .max_header_size(HEAD_BYTES_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(Box::pin(stream)), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let first = bounds.header_timeout.min(bounds.keep_alive_timeout);
    let mut check = pin!(sleep_until(Instant::now() + first));
    let mut is_ending = false;
    let served = loop {
        tokio::select! {
            served = connection.as_mut() => break served,
            () = check.as_mut() => match next_check(&slot, &bounds) {
                Some(next) => check.as_mut().reset(next),
                None => return,
            },
            () = stop.cancelled(), if !is_ending => {}
            () = slot.evicted(), if !is_ending => if !slot.had_request() {
                return;
            },
        }
        // The timer alone does not end the connection.
        if !is_ending && (stop.is_cancelled() || slot.is_evicted()) {
            is_ending = true;
            connection.as_mut().graceful_shutdown();
        }
    };
    if let Err(error) = served {
        tracing::debug!(error = %error, "a connection ended with an error");
    }
}

/// Time of the next check for a timeout. `None` if the connection has exceeded its timeout.
fn next_check(slot: &ConnectionSlot, bounds: &Bounds) -> Option<Instant> {
    let now = Instant::now();
    // A wait that starts later cannot end before this time.
    let late = now + bounds.header_timeout.min(bounds.keep_alive_timeout);
    if slot.is_writing() {
        return Some(late);
    }
    let end = match slot.stage() {
        Stage::Head(since) => since + bounds.header_timeout,
        Stage::Next(since) => since + bounds.keep_alive_timeout,
        Stage::Request => return Some(late),
    };
    (end > now).then(|| end.min(late))
}

/// Responds to the request of a connection without a slot, then closes the connection.
pub async fn refuse(stream: TcpStream, router: Router) {
    let routes = TowerToHyperService::new(router.into_service::<Incoming>());
    let connection = http1::Builder::new()
        .header_read_timeout(None)
        .max_header_size(HEAD_BYTES_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), routes);
    // A peer that sends no request gets no response.
    timeout(REFUSAL, connection).await.ok();
}
