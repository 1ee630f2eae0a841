//! GraphQL over server-sent events, in the distinct connections mode of the `graphql-sse` protocol.
//!
//! One request runs one operation and returns one stream of `next` events, ended by `complete`. The id of a
//! subscription event is its cursor in the change log. A client that reconnects with `Last-Event-ID` resumes at this
//! position, regardless of the fields that it selects.

use std::{convert::Infallible, sync::Arc, time::Duration};

use async_graphql::parser::types::OperationType;
use axum::{
    body::{Body, Bytes},
    http::{
        HeaderMap, HeaderName,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use futures_util::{
    Stream, StreamExt,
    future::ready,
    stream::{iter, once, unfold},
};
use tokio::{sync::mpsc, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{ServerState, accept::Accepted, reply::Reply};
use crate::{
    auth::Viewer,
    events::ChangeCursor,
    graphql::IncomingRequest,
    request::Opened,
    subscriptions::{EncodedResponse, Outbox, OutboxContent, OutboxItem, RunningOperation},
};

/// Interval of keep-alive comments, which prevent intermediaries from closing the connection.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(12);
/// A comment. A stream begins with one, because some proxies and clients wait for the first bytes of a body.
const KEEP_ALIVE: &[u8] = b":\n\n";
/// The last event. Without a data line, browsers would not dispatch it.
const COMPLETE: &[u8] = b"event: complete\ndata:\n\n";
/// Ends an event.
const END: &[u8] = b"\n\n";
/// Responses below this size in bytes are copied into their event, which costs less than a separate chunk.
const SMALL: usize = 16 << 10;

/// Whether the response is an event stream: the caller accepts only streams, or it subscribes and accepts
/// streams too. Clients that support both name both types in every request, and handle JSON more easily for
/// queries.
pub fn is_wanted(headers: &HeaderMap, request: &Opened) -> bool {
    let accepted = Accepted::of(headers);
    accepted.takes_stream() && (!accepted.takes_json() || request.kind() == Some(OperationType::Subscription))
}

/// The position after which the caller resumes, if it sends one. An error if the header is not a cursor.
pub fn resume(headers: &HeaderMap) -> Result<Option<ChangeCursor>, &'static str> {
    // Clients reset the position with an empty header.
    let Some(id) = headers.get("last-event-id").filter(|id| !id.is_empty()) else {
        return Ok(None);
    };
    let cursor = id.to_str().ok().and_then(|id| id.parse().ok());
    cursor
        .map(Some)
        .ok_or("The `Last-Event-ID` header is not a cursor of the change log.")
}

/// Runs an operation and streams its responses.
pub fn answer(
    state: &ServerState,
    viewer: Viewer,
    reply: &Reply,
    sent: (Opened, usize),
    resume: Option<ChangeCursor>,
) -> Response {
    let (request, bytes) = sent;
    let operating = match state.operate(&viewer, bytes) {
        Ok(operating) => operating,
        Err(refused) => return reply.full(*refused),
    };
    let id = reply.id.clone();
    let session = state.watch.session(&viewer);
    let incoming = IncomingRequest {
        request,
        viewer,
        id,
        account: operating.account.clone(),
    };
    let (outbox, items) = Outbox::of(
        state.bounds.subscription_buffer,
        state.bounds.subscription_buffer_bytes,
    );
    let running = state.subscriptions.begin(|_| incoming, resume, outbox.sender(0));
    // When the node stops or the credential expires, the stream ends without `complete`. Otherwise the client
    // would not reconnect. With an expired credential, the reconnect reports the error.
    let events = once(ready(Bytes::from_static(KEEP_ALIVE)))
        .chain(events(running, items, state.stop.clone()))
        .take_until(state.stop.clone().cancelled_owned())
        .take_until(async move {
            let _operating = operating;
            session.over().cancelled().await;
        });
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        // Intermediaries must neither cache the stream nor delay it for compression.
        (CACHE_CONTROL, "no-store, no-transform"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
        (HeaderName::from_static("x-request-id"), &reply.id.0),
    ];
    (headers, Body::from_stream(events.map(Ok::<_, Infallible>))).into_response()
}

/// The events of an operation up to its last one, and keep-alive comments while it is silent.
fn events(
    running: RunningOperation,
    items: mpsc::Receiver<OutboxItem>,
    stop: CancellationToken,
) -> impl Stream<Item = Bytes> + Send + 'static {
    let events = unfold(Some((running, items, stop)), |state| async move {
        let (running, mut items, stop) = state?;
        let Ok(item) = timeout(KEEP_ALIVE_INTERVAL, items.recv()).await else {
            let comment = vec![Bytes::from_static(KEEP_ALIVE)];
            return Some((iter(comment), Some((running, items, stop))));
        };
        let (parts, rest) = match item?.content {
            OutboxContent::Next(answer) => (next(answer), Some((running, items, stop))),
            OutboxContent::Refused(response) => (last(EncodedResponse::refused(*response)), None),
            OutboxContent::Failed(response) => (last(EncodedResponse::last(*response)), None),
            OutboxContent::Complete if stop.is_cancelled() => return None,
            OutboxContent::Complete => (vec![Bytes::from_static(COMPLETE)], None),
        };
        Some((iter(parts), rest))
    });
    events.flatten()
}

/// The bytes of a response, sent without a copy. Their memory stays charged until the network has accepted
/// them.
struct Sent(Arc<EncodedResponse>);

impl AsRef<[u8]> for Sent {
    fn as_ref(&self) -> &[u8] {
        self.0.json.as_bytes()
    }
}

/// A single event and the end of the stream.
fn last(answer: EncodedResponse) -> Vec<Bytes> {
    let mut parts = next(Arc::new(answer));
    parts.push(Bytes::from_static(COMPLETE));
    parts
}

/// The chunks of one event. The JSON contains no line breaks.
fn next(answer: Arc<EncodedResponse>) -> Vec<Bytes> {
    let id = answer.cursor.map(|cursor| format!("id: {cursor}\n"));
    let begin = format!("event: next\n{}data: ", id.unwrap_or_default());
    if answer.json.len() < SMALL {
        let event = [begin.as_bytes(), answer.json.as_bytes(), END].concat();
        return vec![event.into()];
    }
    vec![
        begin.into(),
        Bytes::from_owner(Sent(answer)),
        Bytes::from_static(END),
    ]
}
