//! Sockets: the `graphql-transport-ws` protocol.
//!
//! One task reads and writes the socket; each operation runs in a task of its own and hands its answers over through a
//! bounded channel, so that a socket that is not read holds its operations back. Mistakes of the client are answered
//! with the protocol's own close codes.

mod protocol;
mod socket;

use std::sync::Arc;

use axum::{
    extract::ws::{WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CONNECTION, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE},
        request::Parts,
    },
    response::Response,
};

use super::{ServerState, authenticate, connection::Admission, reply::Reply};

const PROTOCOL: &str = "graphql-transport-ws";
/// The default of 128 KiB is kept by every idle socket. What clients say is short; what is longer takes more reads.
const READ_BUFFER: usize = 1 << 10;

/// Whether a request that cannot become a socket was meant to.
pub fn is_meant(headers: &HeaderMap) -> bool {
    let is_socket = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"websocket");
    headers.contains_key(SEC_WEBSOCKET_KEY)
        || headers.contains_key(SEC_WEBSOCKET_VERSION)
        || headers.get(UPGRADE).is_some_and(is_socket)
}

/// To one that cannot become a socket: mostly a proxy did not hand on what asks for it.
pub fn not_upgraded(state: &ServerState, why: &WebSocketUpgradeRejection, parts: &Parts) -> Response {
    let reply = Reply::to(state, &parts.headers);
    if let WebSocketUpgradeRejection::WebSocketKeyHeaderMissing(_) = why {
        return reply.malformed("Sec-WebSocket-Key: is needed.");
    }
    let message = "A socket needs the headers Connection: Upgrade, Upgrade: websocket and Sec-WebSocket-Version: 13 \
                   in HTTP/1.1. Proxies in between must hand them on.";
    let mut response = reply.refuse(StatusCode::UPGRADE_REQUIRED, message);
    let needed = [
        (CONNECTION, "upgrade"),
        (UPGRADE, "websocket"),
        (SEC_WEBSOCKET_VERSION, "13"),
    ];
    let needed = needed.map(|(name, value)| (name, HeaderValue::from_static(value)));
    response.headers_mut().extend(needed);
    response
}

/// Turns a request into a socket.
pub fn upgrade(state: Arc<ServerState>, upgrade: WebSocketUpgrade, parts: &Parts) -> Response {
    let upgrade = upgrade.protocols([PROTOCOL]);
    if upgrade.selected_protocol().is_none() {
        let message = format!("The only protocol of sockets here is {PROTOCOL}.");
        return Reply::to(&state, &parts.headers).malformed(&message);
    }
    let credential = authenticate::from_headers(&parts.headers).map(str::to_owned);
    let max = state.bounds.body_bytes_max;
    // Taken now, so that a node which stops in this moment waits for the socket.
    let token = state.tasks.token();
    let admission = parts.extensions.get::<Admission>().cloned();
    upgrade
        .read_buffer_size(READ_BUFFER)
        .max_message_size(max)
        .max_frame_size(max)
        .on_upgrade(move |socket| async move {
            let meter = admission.as_ref().map(|admission| admission.meter.clone());
            socket::run(state, socket, credential, meter.unwrap_or_default()).await;
            drop((admission, token));
        })
}
