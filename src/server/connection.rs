//! One connection, from its first byte to its last.

use std::{pin::pin, sync::Arc};

use axum::Router;
use hyper::{
    Request,
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{net::TcpStream, sync::OwnedSemaphorePermit};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;

use super::{
    Bounds,
    meter::{Meter, Metered},
};

/// Bytes of the head of a request, and of what is read of it at a time.
const HEAD_BYTES_MAX: usize = 16 << 10;

/// What a connection is given as it comes in, and hands on to the socket that it may become.
#[derive(Clone, Debug)]
pub struct Admission {
    /// Its place among the connections.
    _place: Arc<OwnedSemaphorePermit>,
    /// Counts what comes in.
    pub meter: Meter,
}

impl Admission {
    /// With a place.
    pub fn new(place: OwnedSemaphorePermit) -> Self {
        Self {
            _place: Arc::new(place),
            meter: Meter::default(),
        }
    }
}

/// Serves one connection until one side ends it, or the node is stopped and what runs on it is finished.
pub async fn serve_one(
    stream: TcpStream,
    admission: Admission,
    router: Router,
    bounds: Bounds,
    stop: CancellationToken,
) {
    // Answers are small: waiting to fill a packet only delays them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(error = %error, "a connection goes on with delay");
    }
    let mut stream = TimeoutStream::new(Metered::new(stream, admission.meter.clone()));
    stream.set_write_timeout(Some(bounds.write_timeout));
    let routes = TowerToHyperService::new(router.into_service::<Incoming>());
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(admission.clone());
        routes.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.header_timeout)
        .max_header_size(HEAD_BYTES_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(Box::pin(stream)), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(error = %error, "a connection broke off");
    }
}
