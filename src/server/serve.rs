//! Listens until the node is stopped.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};

use super::{
    ExplorerPage, Room, ServerState,
    connection::{refuse, serve_one},
    places::{Place, Places},
    router::{crowded_router, router},
};

/// How long requests and sockets get to end when the node is stopped.
const GRACE: Duration = Duration::from_secs(15);
/// How long nobody is let in when there are no more files to be had.
const PAUSE: Duration = Duration::from_secs(1);
/// The same when a connection was given up for that.
const SHORT_PAUSE: Duration = Duration::from_millis(20);
/// How many are told at a time that there is no place for them. More are sent away without a word.
const REFUSALS: usize = 64;

/// One who comes in.
enum Entered {
    /// And gets a place.
    Served(TcpStream, Place),
    /// And gets none.
    Refused(TcpStream),
    /// Cannot be let in, and the next one not before so long.
    NotAccepted(Duration),
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
    let crowded = crowded_router(state.clone());
    let router = router(state, page);
    let (places, refusals) = (Places::new(room), Arc::new(Semaphore::new(REFUSALS)));
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
            Entered::Refused(stream) => {
                if let Ok(permit) = refusals.clone().try_acquire_owned() {
                    let crowded = crowded.clone();
                    tasks.spawn(async move {
                        refuse(stream, crowded).await;
                        drop(permit);
                    });
                }
            }
            Entered::NotAccepted(pause) => tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(pause) => {}
            },
        }
    }
    drop(listener);
    tasks.close();
    if tokio::time::timeout(GRACE, tasks.wait()).await.is_err() {
        tracing::warn!("some connections did not close before the shutdown timeout");
    }
    Ok(())
}

/// The next one who comes in, as soon as there is a place.
async fn enter(listener: &TcpListener, places: &Places) -> Entered {
    loop {
        match listener.accept().await {
            Ok((stream, address)) => {
                return match places.take(address.ip()).await {
                    Some(place) => Entered::Served(stream, place),
                    None => Entered::Refused(stream),
                };
            }
            // Gone before it came in.
            Err(error) if is_of_the_peer(&error) => {}
            // No file is left in the process or in the system. One that waits for a request gives up its own.
            Err(error) => {
                let is_freed = places.give_up_one();
                places.tell_of(&error);
                return Entered::NotAccepted(if is_freed { SHORT_PAUSE } else { PAUSE });
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
