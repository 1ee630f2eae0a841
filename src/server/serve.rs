//! Listens until the node is stopped.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};

use super::{
    ExplorerPage, Room, ServerState,
    connection::{Admission, serve_one},
    router::router,
};

/// How long requests and sockets get to end when the node is stopped.
const GRACE: Duration = Duration::from_secs(15);
/// How long nobody is let in when there are no more files to be had.
const PAUSE: Duration = Duration::from_secs(1);

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
                return Ok(Some((stream, Admission::new(place))));
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
