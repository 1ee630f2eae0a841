//! The limit: a minimal server that only sends the same bytes to all sockets.

use std::sync::Arc;

use axum::{
    Router,
    extract::{
        State, WebSocketUpgrade,
        ws::{Message, Utf8Bytes, WebSocket},
    },
    response::Response,
    routing::{get, post},
    serve::ListenerExt,
};
use tokio::{net::TcpListener, sync::broadcast};

use super::crowd;
use crate::failure::Done;

/// Maximum number of results that wait for a slow socket.
const BUFFER: usize = 1_024;

/// Serves until the process ends: a WebSocket endpoint at `/graphql`, and `POST /publish` with the text for all of
/// them.
pub async fn serve(address: &str) -> Done {
    let (said, _) = broadcast::channel::<Utf8Bytes>(BUFFER);
    let routes = Router::new()
        .route("/graphql", get(upgrade))
        .route("/publish", post(publish))
        .with_state(Arc::new(said));
    let listener = TcpListener::bind(address).await?.tap_io(|stream| {
        // Results are small, so waiting to fill a packet would only delay them.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, routes).await?;
    Ok(())
}

type Broadcaster = Arc<broadcast::Sender<Utf8Bytes>>;

/// Returns the time at which the text was sent.
async fn publish(State(said): State<Broadcaster>, text: String) -> String {
    let at = crowd::now();
    // Fails while there is no subscriber.
    let _ = said.send(text.into());
    at.to_string()
}

async fn upgrade(State(said): State<Broadcaster>, upgrade: WebSocketUpgrade) -> Response {
    let heard = said.subscribe();
    upgrade
        .protocols(["graphql-transport-ws"])
        .read_buffer_size(4 << 10)
        .on_upgrade(move |socket| listen(socket, heard))
}

async fn listen(mut socket: WebSocket, mut heard: broadcast::Receiver<Utf8Bytes>) {
    let ack = Message::Text(r#"{"type":"connection_ack"}"#.into());
    if socket.recv().await.is_none() || socket.send(ack).await.is_err() {
        return;
    }
    loop {
        tokio::select! {
            text = heard.recv() => {
                let Ok(text) = text else { return };
                if socket.send(Message::Text(text)).await.is_err() {
                    return;
                }
            }
            incoming = socket.recv() => if !matches!(incoming, Some(Ok(_))) { return },
        }
    }
}
