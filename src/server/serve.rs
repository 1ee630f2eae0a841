//! Listens until the node is stopped.

use std::{io, pin::pin, sync::Arc, time::Duration};

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
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;

use super::{
    Bounds, ExplorerPage, Room, ServerState,
    meter::{Meter, Metered},
    router::router,
};

/// How long requests and sockets get to end when the node is stopped.
const GRACE: Duration = Duration::from_secs(15);
/// How long nobody is let in when there are no more files to be had.
const PAUSE: Duration = Duration::from_secs(1);
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

/// Serves the routes until the state's stop is cancelled. Then nothing new is taken, what runs is finished, and sockets
/// are told to come back; whoever takes too long is left behind.
pub async fn serve(
    state: Arc<ServerState>,
    listener: TcpListener,
    page: Option<ExplorerPage>,
    room: Room,
) -> Result<(), io::Error> {
    let (stop, tasks) = (state.stop.clone(), state.tasks.clone());
    let watching = state.watch.clone().run(state.services.clone(), stop.clone());
    tasks.spawn(watching);
    let bounds = state.bounds;
    let router = router(state, page);
    let places = Arc::new(Semaphore::new(room.connections));
    room.log();
    loop {
        let entered = tokio::select! {
            () = stop.cancelled() => break,
            entered = enter(&listener, &places) => entered?,
        };
        let Some((stream, admission)) = entered else {
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(PAUSE) => continue,
            }
        };
        tasks.spawn(serve_one(stream, admission, router.clone(), bounds, stop.clone()));
    }
    drop(listener);
    tasks.close();
    if tokio::time::timeout(GRACE, tasks.wait()).await.is_err() {
        tracing::warn!("some connections did not end in time");
    }
    Ok(())
}

/// The next one who comes in, as soon as there is a place; none when the process has no file left for it.
async fn enter(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<Option<(TcpStream, Admission)>> {
    if places.available_permits() == 0 {
        tracing::warn!("connections_max: all places are taken, whoever comes now waits");
    }
    let place = places.clone().acquire_owned().await.map_err(io::Error::other)?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let admission = Admission {
                    _place: Arc::new(place),
                    meter: Meter::default(),
                };
                return Ok(Some((stream, admission)));
            }
            // Gone before it came in.
            Err(error) if is_of_the_peer(&error) => {}
            Err(error) => {
                tracing::error!(error = %error, "nobody can be let in");
                return Ok(None);
            }
        }
    }
}

fn is_of_the_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

/// Serves one connection until one side ends it, or the node is stopped and what runs on it is finished.
async fn serve_one(
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
