//! GraphQL over server-sent events: the distinct connections mode of the protocol that `graphql-sse` speaks.
//!
//! One request, one operation, one stream of `next` events with a `complete` at its end. An event of a subscription
//! carries the cursor of the change log as its id, so that a client which sends `Last-Event-ID` when it comes back goes
//! on by itself, whatever it selected.

use std::{convert::Infallible, sync::Arc, time::Duration};

use async_graphql::{Request, parser::types::OperationType};
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
    graphql::{Answer, Asked, Room, Running, Said, What, kind},
};

/// How often a sign of life is given, so that nobody between takes the connection for dead.
const ALIVE_EVERY: Duration = Duration::from_secs(12);
/// A comment. It is also what a stream begins with, for proxies and clients that wait for the first bytes of a body.
const SIGN_OF_LIFE: &[u8] = b":\n\n";
/// The last event. Without a line of data, a browser would not tell of it.
const COMPLETE: &[u8] = b"event: complete\ndata:\n\n";
/// Ends an event.
const END: &[u8] = b"\n\n";
/// Bytes of an answer that is copied into its event: less work than handing it on by itself.
const SMALL: usize = 16 << 10;

/// Whether a caller wants a stream: it takes nothing else, or it subscribes and takes one too. Clients that can do both
/// name both with every request, and read queries more easily as JSON.
pub fn is_wanted(state: &ServerState, headers: &HeaderMap, request: &mut Request) -> bool {
    let accepted = Accepted::of(headers);
    accepted.takes_stream()
        && (!accepted.takes_json() || kind(&state.schema, request) == Some(OperationType::Subscription))
}

/// The position behind which a caller goes on, if it tells one; an error when it tells something else.
pub fn resume(headers: &HeaderMap) -> Result<Option<ChangeCursor>, &'static str> {
    // An empty one is none: so clients reset it.
    let Some(id) = headers.get("last-event-id").filter(|id| !id.is_empty()) else {
        return Ok(None);
    };
    let cursor = id.to_str().ok().and_then(|id| id.parse().ok());
    cursor
        .map(Some)
        .ok_or("Last-Event-ID: is not a cursor of the change log.")
}

/// Runs an operation and streams its answers.
pub fn answer(
    state: &ServerState,
    viewer: Viewer,
    reply: &Reply,
    sent: (Request, usize),
    resume: Option<ChangeCursor>,
) -> Response {
    let (request, bytes) = sent;
    let operating = match state.operate(&viewer, bytes) {
        Ok(operating) => operating,
        Err(refused) => return reply.full(*refused),
    };
    let id = reply.id.clone();
    let session = state.watch.session(&viewer);
    let asked = Asked {
        request,
        viewer,
        id,
        account: operating.account.clone(),
    };
    let (room, said) = Room::of(
        state.bounds.subscription_buffer,
        state.bounds.subscription_buffer_bytes,
    );
    let running = state.fanout.begin(asked, resume, room.outbox(0));
    // A stream that ends with the node does not complete: were it told so, its client would not come back for more.
    // Nor one whose credential no longer holds: its client learns that when it does.
    let events = once(ready(Bytes::from_static(SIGN_OF_LIFE)))
        .chain(events(running, said, state.stop.clone()))
        .take_until(state.stop.clone().cancelled_owned())
        .take_until(async move {
            let _operating = operating;
            session.over().cancelled().await;
        });
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        // Nothing between may keep it, nor hold it back to pack it.
        (CACHE_CONTROL, "no-store, no-transform"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
        (HeaderName::from_static("x-request-id"), &reply.id.0),
    ];
    (headers, Body::from_stream(events.map(Ok::<_, Infallible>))).into_response()
}

/// What an operation says, until it has said its last, and signs of life as long as it says nothing.
fn events(
    running: Running,
    said: mpsc::Receiver<Said>,
    stop: CancellationToken,
) -> impl Stream<Item = Bytes> + Send + 'static {
    let events = unfold(Some((running, said, stop)), |state| async move {
        let (running, mut said, stop) = state?;
        let Ok(heard) = timeout(ALIVE_EVERY, said.recv()).await else {
            let sign = vec![Bytes::from_static(SIGN_OF_LIFE)];
            return Some((iter(sign), Some((running, said, stop))));
        };
        let (parts, rest) = match heard?.what {
            What::Next(answer) => (next(answer), Some((running, said, stop))),
            What::Refused(response) => (last(Answer::refused(*response)), None),
            What::Failed(response) => (last(Answer::last(*response)), None),
            What::Complete if stop.is_cancelled() => return None,
            What::Complete => (vec![Bytes::from_static(COMPLETE)], None),
        };
        Some((iter(parts), rest))
    });
    events.flatten()
}

/// An answer as it is sent: its memory is not copied, and is taken until the network has it.
struct Sent(Arc<Answer>);

impl AsRef<[u8]> for Sent {
    fn as_ref(&self) -> &[u8] {
        self.0.json.as_bytes()
    }
}

/// The only event, and the end.
fn last(answer: Answer) -> Vec<Bytes> {
    let mut parts = next(Arc::new(answer));
    parts.push(Bytes::from_static(COMPLETE));
    parts
}

/// An event. JSON as we write it has no line breaks.
fn next(answer: Arc<Answer>) -> Vec<Bytes> {
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
