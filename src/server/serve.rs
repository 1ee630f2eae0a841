//! Listens until the node is stopped.

use std::time::Duration;

use axum::serve::ListenerExt;
use tokio::net::TcpListener;

use super::{ExplorerPage, ServerState, router::router};

/// How long requests and sockets get to end when the node is stopped.
const GRACE: Duration = Duration::from_secs(15);

/// Serves the routes until the state's stop is cancelled. Then nothing new is taken, what runs is finished, and sockets
/// are told to come back; whoever takes too long is left behind.
pub async fn serve(
    state: ServerState,
    listener: TcpListener,
    page: Option<ExplorerPage>,
) -> Result<(), std::io::Error> {
    let (stop, tasks) = (state.stop.clone(), state.tasks.clone());
    let watching = state.watch.clone().run(state.services.clone(), stop.clone());
    tasks.spawn(watching);
    // Answers are small: waiting to fill a packet only delays them.
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(error = %error, "a connection goes on with delay");
        }
    });
    let stopping = stop.clone();
    let served = axum::serve(listener, router(state, page))
        .with_graceful_shutdown(async move { stopping.cancelled().await })
        .into_future();
    let late = async {
        stop.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    let ended = async {
        served.await?;
        tasks.close();
        tasks.wait().await;
        Ok(())
    };
    tokio::select! {
        result = ended => result,
        () = late => {
            tracing::warn!("some connections did not end in time");
            Ok(())
        }
    }
}
