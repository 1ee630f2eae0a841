//! GraphQL over server-sent events: the distinct connections mode of the protocol that `graphql-sse` speaks.
//!
//! One request, one operation, one stream of `next` events with a `complete` at its end. An event of a subscription
//! carries the cursor of the change log as its id, so that a client which sends `Last-Event-ID` when it comes back goes
//! on by itself, whatever it selected.

use std::{convert::Infallible, time::Duration};

use async_graphql::{Request, parser::types::OperationType};
use axum::{
    http::{HeaderMap, header::ACCEPT},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{Stream, StreamExt, stream};

use super::ServerState;
use crate::{
    auth::Viewer,
    graphql::{Asked, Heard, RequestId, ResumeFrom, execute_stream, kind},
};

/// How often a sign of life is given, so that nobody between takes the connection for dead.
const ALIVE_EVERY: Duration = Duration::from_secs(12);

/// Whether a caller wants a stream: it takes nothing else, or it subscribes and takes one too. Clients that can do both
/// name both with every request, and read queries more easily as JSON.
pub fn is_wanted(headers: &HeaderMap, request: &mut Request) -> bool {
    let json = ["application/json", "application/graphql-response+json", "*/*"];
    accepts(headers, &["text/event-stream"])
        && (!accepts(headers, &json) || kind(request) == Some(OperationType::Subscription))
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
pub fn resume(headers: &HeaderMap) -> Result<Option<ResumeFrom>, &'static str> {
    // An empty one is none: so clients reset it.
    let Some(id) = headers.get("last-event-id").filter(|id| !id.is_empty()) else {
        return Ok(None);
    };
    let cursor = id.to_str().ok().and_then(|id| id.parse().ok());
    cursor
        .map(|cursor| Some(ResumeFrom(cursor)))
        .ok_or("Last-Event-ID: is not a cursor of the change log.")
}

/// Runs an operation and streams its answers.
pub fn answer(
    state: &ServerState,
    viewer: Viewer,
    id: RequestId,
    request: Request,
    resume: Option<ResumeFrom>,
) -> Response {
    let heard = Heard::default();
    let mut request = request.data(heard.clone());
    if let Some(resume) = resume {
        request = request.data(resume);
    }
    let asked = Asked {
        request,
        viewer: viewer.clone(),
        id,
    };
    let answers = execute_stream(&state.schema, asked);
    let keep_alive = KeepAlive::new().interval(ALIVE_EVERY);
    // A stream that ends with the node does not complete: were it told so, its client would not come back for more.
    // Nor one whose credential no longer holds: its client learns that when it does.
    let session = state.watch.session(viewer, state.services.clock.clone());
    let events = events(answers, heard)
        .take_until(state.stop.clone().cancelled_owned())
        .take_until(session.over());
    Sse::new(events).keep_alive(keep_alive).into_response()
}

/// Where whoever has got this answer goes on: an error tells by itself, before the event that it is about.
fn position(answer: &async_graphql::Response, heard: &Heard) -> Option<String> {
    let told = answer.errors.iter().find_map(|error| {
        let cursor = error.extensions.as_ref()?.get("cursor")?;
        match cursor {
            async_graphql::Value::String(cursor) => Some(cursor.clone()),
            _ => None,
        }
    });
    told.or_else(|| heard.last().map(|cursor| cursor.to_string()))
}

fn events(
    answers: impl Stream<Item = async_graphql::Response> + Send + 'static,
    heard: Heard,
) -> impl Stream<Item = Result<Event, Infallible>> + Send + 'static {
    let next = answers.map(move |answer| {
        let event = Event::default().event("next");
        let event = match position(&answer, &heard) {
            Some(cursor) => event.id(cursor),
            None => event,
        };
        // What GraphQL answers can be written as JSON.
        event.json_data(&answer).unwrap_or_default()
    });
    let complete = stream::once(std::future::ready(Event::default().event("complete").data("")));
    next.chain(complete).map(Ok)
}
