//! GraphQL over server-sent events: the distinct connections mode of the protocol that `graphql-sse` speaks.
//!
//! One request, one operation, one stream of `next` events with a `complete` at its end. An event of a subscription
//! carries the cursor of the change log as its id, so that a client which sends `Last-Event-ID` when it comes back goes
//! on by itself, whatever it selected.

use std::{convert::Infallible, sync::Arc, time::Duration};

use async_graphql::{Request, parser::types::OperationType};
use axum::{
    http::{HeaderMap, header::ACCEPT},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{Stream, StreamExt, stream::unfold};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{ServerState, reply::Reply};
use crate::{
    auth::Viewer,
    budget::{Account, Charge},
    events::ChangeCursor,
    graphql::{Answer, Asked, Room, Running, Said, What, kind},
};

/// How often a sign of life is given, so that nobody between takes the connection for dead.
const ALIVE_EVERY: Duration = Duration::from_secs(12);

/// Whether a caller wants a stream: it takes nothing else, or it subscribes and takes one too. Clients that can do both
/// name both with every request, and read queries more easily as JSON.
pub fn is_wanted(state: &ServerState, headers: &HeaderMap, request: &mut Request) -> bool {
    let json = ["application/json", "application/graphql-response+json", "*/*"];
    accepts(headers, &["text/event-stream"])
        && (!accepts(headers, &json) || kind(&state.schema, request) == Some(OperationType::Subscription))
}

fn accepts(headers: &HeaderMap, kinds: &[&str]) -> bool {
    let accepts = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok());
    accepts
        .flat_map(|value| value.split(','))
        .filter_map(|kind| kind.split(';').next())
        .any(|kind| {
            kinds
                .iter()
                .any(|wanted| kind.trim().eq_ignore_ascii_case(wanted))
        })
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
    let account = operating.account.clone();
    let asked = Asked {
        request,
        viewer,
        id,
        account: account.clone(),
    };
    let (room, said) = Room::of(
        state.bounds.subscription_buffer,
        state.bounds.subscription_buffer_bytes,
    );
    let running = state.fanout.begin(asked, resume, room.outbox(0));
    let keep_alive = KeepAlive::new().interval(ALIVE_EVERY);
    // A stream that ends with the node does not complete: were it told so, its client would not come back for more.
    // Nor one whose credential no longer holds: its client learns that when it does.
    let events = events(running, said, account, state.stop.clone())
        .take_until(state.stop.clone().cancelled_owned())
        .take_until(async move {
            let _operating = operating;
            session.over().cancelled().await;
        });
    Sse::new(events).keep_alive(keep_alive).into_response()
}

/// What an operation says, until it has said its last.
fn events(
    running: Running,
    said: mpsc::Receiver<Said>,
    account: Arc<Account>,
    stop: CancellationToken,
) -> impl Stream<Item = Result<Event, Infallible>> + Send + 'static {
    // The connection asks for the next event when the one before has left: until then its copy is charged.
    let events = unfold(Some((running, said, None)), move |state| {
        let (account, stop) = (account.clone(), stop.clone());
        async move {
            let (running, mut said, last) = state?;
            let _: Option<Charge> = last;
            let (now, rest) = match said.recv().await?.what {
                What::Next(answer) => {
                    let copy = account.charge_beyond(answer.json.len());
                    ([Some(next(&answer)), None], Some((running, said, Some(copy))))
                }
                What::Refused(response) => {
                    let refused = Answer::last(*response);
                    ([Some(next(&refused)), Some(complete())], None)
                }
                What::Complete if stop.is_cancelled() => return None,
                What::Complete => ([Some(complete()), None], None),
            };
            let now = now.into_iter().flatten().map(Ok);
            Some((futures_util::stream::iter(now), rest))
        }
    });
    events.flatten()
}

fn next(answer: &Answer) -> Event {
    let event = Event::default().event("next").data(answer.json.as_str());
    match answer.cursor {
        Some(cursor) => event.id(cursor.to_string()),
        None => event,
    }
}

fn complete() -> Event {
    Event::default().event("complete").data("")
}
