//! Sockets: the `graphql-transport-ws` protocol.
//!
//! One task reads and writes the socket; each operation runs in a task of its own and hands its answers over through a
//! bounded channel, so that a socket that is not read holds its operations back. Mistakes of the client are answered
//! with the protocol's own close codes.

mod protocol;
mod socket;

use axum::{
    extract::WebSocketUpgrade,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};

use super::{ServerState, authenticate, serve::Place};

const PROTOCOL: &str = "graphql-transport-ws";
/// The default of 128 KiB is kept by every idle socket. What clients say is short; what is longer takes more reads.
const READ_BUFFER: usize = 1 << 10;

/// Turns a request into a socket.
pub fn upgrade(state: ServerState, upgrade: WebSocketUpgrade, parts: &Parts) -> Response {
    let upgrade = upgrade.protocols([PROTOCOL]);
    if upgrade.selected_protocol().is_none() {
        let message = format!("The only protocol here is {PROTOCOL}.\n");
        return (StatusCode::BAD_REQUEST, message).into_response();
    }
    let credential = authenticate::from_headers(&parts.headers).map(str::to_owned);
    let max = state.bounds.body_bytes_max;
    let place = parts.extensions.get::<Place>().cloned();
    upgrade
        .read_buffer_size(READ_BUFFER)
        .max_message_size(max)
        .max_frame_size(max)
        .on_upgrade(move |socket| {
            let tasks = state.tasks.clone();
            tasks.track_future(async move {
                socket::run(state, socket, credential).await;
                drop(place);
            })
        })
}
