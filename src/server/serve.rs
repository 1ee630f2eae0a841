//! Accepts connections until the node stops.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};

use super::{
    ConnectionLimits, ExplorerPage, ServerState,
    connection::{refuse, serve_one},
    connection_slots::{ConnectionSlot, ConnectionSlots},
    router::{crowded_router, router},
};

/// Time for requests and sockets to finish after the node is stopped.
const GRACE: Duration = Duration::from_secs(15);
/// Delay before the next connection is accepted when no open file is available.
const PAUSE: Duration = Duration::from_secs(1);
/// Shorter delay, used when an idle connection was closed to free a file.
const SHORT_PAUSE: Duration = Duration::from_millis(20);
/// Maximum number of refused connections that get a response at a time. Others are closed without one.
const REFUSALS: usize = 64;

enum AcceptOutcome {
    /// The connection has a slot.
    Served(TcpStream, ConnectionSlot),
    /// The connection has no slot.
    Refused(TcpStream),
    /// The connection could not be accepted. The next attempt follows after this delay.
    NotAccepted(Duration),
}

/// Serves the routes until the stop token of the state is cancelled. Then no connection is accepted, running
/// requests finish, and sockets are closed with a request to reconnect. Connections that exceed the shutdown
/// timeout are dropped.
pub async fn serve(
    state: Arc<ServerState>,
    listener: TcpListener,
    page: Option<ExplorerPage>,
    limits: ConnectionLimits,
) -> Result<(), io::Error> {
    let (stop, tasks) = (state.stop.clone(), state.tasks.clone());
    let watching = state.watch.clone().run(state.services.clone(), stop.clone());
    tasks.spawn(watching);
    let bounds = state.bounds;
    let crowded = crowded_router(state.clone());
    let router = router(state, page);
    let (slots, refusals) = (ConnectionSlots::new(limits), Arc::new(Semaphore::new(REFUSALS)));
    limits.log();
    loop {
        let outcome = tokio::select! {
            () = stop.cancelled() => break,
            outcome = accept_one(&listener, &slots) => outcome,
        };
        match outcome {
            AcceptOutcome::Served(stream, slot) => {
                tasks.spawn(serve_one(stream, slot, router.clone(), bounds, stop.clone()));
            }
            AcceptOutcome::Refused(stream) => {
                if let Ok(permit) = refusals.clone().try_acquire_owned() {
                    let crowded = crowded.clone();
                    tasks.spawn(async move {
                        refuse(stream, crowded).await;
                        drop(permit);
                    });
                }
            }
            AcceptOutcome::NotAccepted(pause) => tokio::select! {
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

/// Accepts the next connection and waits for its slot.
async fn accept_one(listener: &TcpListener, slots: &ConnectionSlots) -> AcceptOutcome {
    loop {
        match listener.accept().await {
            Ok((stream, address)) => {
                return match slots.take(address.ip()).await {
                    Some(slot) => AcceptOutcome::Served(stream, slot),
                    None => AcceptOutcome::Refused(stream),
                };
            }
            // The peer closed the connection before it was accepted.
            Err(error) if is_caused_by_peer(&error) => {}
            // The process or the system has no free file. Closing an idle connection frees one.
            Err(error) => {
                let is_freed = slots.evict_one();
                slots.log_accept_error(&error);
                return AcceptOutcome::NotAccepted(if is_freed { SHORT_PAUSE } else { PAUSE });
            }
        }
    }
}

fn is_caused_by_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}
