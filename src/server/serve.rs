//! Listens until the node is stopped.

use std::{io, sync::Arc, time::Duration};

use tokio::net::{TcpListener, TcpStream};

use super::{
    ExplorerPage, Room, ServerState,
    connection::serve_one,
    places::{Place, Places},
    router::router,
};

/// How long requests and sockets get to end when the node is stopped.
const GRACE: Duration = Duration::from_secs(15);
/// How long nobody is let in when there are no more files to be had.
const PAUSE: Duration = Duration::from_secs(1);
/// The same when a connection was given up for that.
const SHORT_PAUSE: Duration = Duration::from_millis(20);

/// One who comes in.
enum Entered {
    /// And gets a place.
    Served(TcpStream, Place),
    /// Cannot be let in, and the next one not before so long.
    Nobody(Duration),
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
    let places = Places::new(room);
    room.log();
    loop {
        let entered = tokio::select! {
            () = stop.cancelled() => break,
            entered = enter(&listener, &places) => entered,
        };
        match entered {
            Entered::Served(stream, place) => {
                tasks.spawn(serve_one(stream, place, router.clone(), bounds, stop.clone()));
            }
            Entered::Nobody(pause) => tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(pause) => {}
            },
        }
    }
    drop(listener);
    tasks.close();
    if tokio::time::timeout(GRACE, tasks.wait()).await.is_err() {
        tracing::warn!("some connections did not end in time");
    }
    Ok(())
}

/// The next one who comes in, as soon as there is a place.
async fn enter(listener: &TcpListener, places: &Places) -> Entered {
    loop {
        match listener.accept().await {
            Ok((stream, address)) => {
                // None when the places are closed, which they never are.
                if let Some(place) = places.take(address.ip()).await {
                    return Entered::Served(stream, place);
                }
            }
            // Gone before it came in.
            Err(error) if is_of_the_peer(&error) => {}
            // No file is left in the process or in the system. One that waits for a request gives up its own.
            Err(error) => {
                let is_freed = places.give_up_one();
                places.tell_of(&error);
                return Entered::Nobody(if is_freed { SHORT_PAUSE } else { PAUSE });
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
