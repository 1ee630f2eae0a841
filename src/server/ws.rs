//! WebSocket connections with the `graphql-transport-ws` protocol.
//!
//! One task reads and writes the socket. Each operation runs in its own task and sends its responses through
//! a bounded channel, so that a client that does not read slows its operations down. Client errors close the
//! socket with the close codes of the protocol.

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
/// Each idle socket keeps this buffer, so it is smaller than the default of 128 KiB. Longer messages take
/// several reads.
const READ_BUFFER: usize = 1 << 10;

/// Whether a request without a valid upgrade was meant to open a WebSocket.
pub fn is_intended(headers: &HeaderMap) -> bool {
    let is_socket = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"websocket");
    headers.contains_key(SEC_WEBSOCKET_KEY)
        || headers.contains_key(SEC_WEBSOCKET_VERSION)
        || headers.get(UPGRADE).is_some_and(is_socket)
}

/// Responds to a request without a valid upgrade. Usually a proxy has removed the upgrade headers.
pub fn not_upgraded(state: &ServerState, why: &WebSocketUpgradeRejection, parts: &Parts) -> Response {
    let reply = Reply::to(state, &parts.headers);
    if let WebSocketUpgradeRejection::WebSocketKeyHeaderMissing(_) = why {
        return reply.malformed("The `Sec-WebSocket-Key` header is required.");
    }
    let message = "A WebSocket requires HTTP/1.1 and the headers `Connection: Upgrade`, `Upgrade: websocket` and \
                   `Sec-WebSocket-Version: 13`. Configure proxies to forward them.";
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

pub fn upgrade(state: Arc<ServerState>, upgrade: WebSocketUpgrade, parts: &Parts) -> Response {
    let upgrade = upgrade.protocols([PROTOCOL]);
    if upgrade.selected_protocol().is_none() {
        let message = format!("The only supported WebSocket subprotocol is `{PROTOCOL}`.");
        return Reply::to(&state, &parts.headers).malformed(&message);
    }
    let credential = authenticate::from_headers(&parts.headers).map(str::to_owned);
    let max = state.bounds.body_bytes_max;
    // Taken before the upgrade, so that a node that stops now waits for the socket.
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
