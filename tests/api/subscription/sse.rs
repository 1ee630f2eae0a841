//! Server-sent events: one request per stream.

use serde_json::{Value, json};

use super::{add, text, ticket};
use crate::support::{Event, Events, TestApp, on_each_database};

const FOLLOW: &str = "subscription ($after: ChangeCursor) { messageAdded(after: $after) { body } }";

fn complete() -> Event {
    Event {
        name: "complete".to_owned(),
        ..Event::default()
    }
}

/// Returns the text and the id of the next message.
async fn message(events: &mut Events) -> (String, String) {
    let event = events.next().await.expect("an event");
    assert_eq!(event.name, "next", "{event:?}");
    (text(&event.json(), "/data/messageAdded/body"), event.id)
}

async fn a_query_sends_one_result_and_completes(app: TestApp) {
    let (_, admin) = app.admin().await;
    let query = "query ($id: ID!) { viewer { kind } node(id: $id) { id } }";
    let body = json!({ "query": query, "variables": { "id": admin.id } });
    let mut events = app.stream(&admin, &body, &[]).await;
    let next = events.next().await.expect("an answer");
    let data = json!({ "viewer": { "kind": "AGENT" }, "node": { "id": admin.id } });
    assert_eq!(
        (next.name.as_str(), next.json()),
        ("next", json!({ "data": data }))
    );
    assert_eq!(events.next().await, Some(complete()));
    assert_eq!(events.next().await, None);
}

async fn requests_that_cannot_run_are_reported_in_the_stream(app: TestApp) {
    let (_, admin) = app.admin().await;
    for query in [
        "{ nothing }",
        "{",
        "subscription { messageAdded(ticketId: \"x\") { body } }",
    ] {
        let mut events = app.stream(&admin, &json!({ "query": query }), &[]).await;
        let next = events.next().await.expect("an answer").json();
        assert_eq!(
            next["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{query}"
        );
        // As for JSON responses, the result of a request that did not run has no `data`, not even null.
        assert_eq!(next.get("data"), None, "{query}");
        assert_eq!(events.next().await, Some(complete()));
    }
}

async fn a_failed_root_field_has_null_data(app: TestApp) {
    let (_, admin) = app.admin().await;
    let body = json!({ "query": "{ tickets(first: -1) { nodes { id } } }" });
    let mut events = app.stream(&admin, &body, &[]).await;
    let next = events.next().await.expect("an answer").json();
    assert_eq!(next["errors"][0]["path"], json!(["tickets"]));
    assert_eq!(next.get("data"), Some(&Value::Null));
    assert_eq!(events.next().await, Some(complete()));
}

async fn stream_headers_prevent_buffering_and_caching(app: TestApp) {
    let (_, admin) = app.admin().await;
    let request = app.http().post(format!("{}/graphql", app.url));
    let request = request
        .bearer_auth(&admin.credential)
        .header("content-type", "application/json")
        .header("accept", "text/event-stream");
    let body = json!({ "query": "{ viewer { kind } }" }).to_string();
    let answer = request.body(body).send().await.expect("an answer");
    let headers = answer.headers().clone();
    assert_eq!(headers["x-accel-buffering"], "no");
    assert_eq!(headers["cache-control"], "no-store, no-transform");
    assert_eq!(headers["x-request-id"].len(), 32);
    let text = answer.text().await.expect("a text");
    assert_eq!(
        text,
        ":\n\nevent: next\ndata: {\"data\":{\"viewer\":{\"kind\":\"AGENT\"}}}\n\nevent: complete\ndata:\n\n"
    );
    // The first bytes arrive before any event.
    let request = app.http().post(format!("{}/graphql", app.url));
    let request = request
        .bearer_auth(&admin.credential)
        .header("content-type", "application/json")
        .header("accept", "text/event-stream");
    let body = json!({ "query": "subscription { messageAdded { body } }" }).to_string();
    let mut answer = request.body(body).send().await.expect("an answer");
    let first = answer.chunk().await.expect("a part").expect("bytes");
    assert_eq!(&first[..], b":\n\n");
}

async fn the_accept_header_can_refuse_streams(app: TestApp) {
    let (_, admin) = app.admin().await;
    for (accept, kind) in [
        (
            "text/event-stream;q=0, application/json",
            "application/json; charset=utf-8",
        ),
        ("application/json;q=0, text/event-stream", "text/event-stream"),
        (
            "application/graphql-response+json;q=0, application/json",
            "application/json; charset=utf-8",
        ),
    ] {
        let request = app.http().post(format!("{}/graphql", app.url));
        let request = request
            .bearer_auth(&admin.credential)
            .header("content-type", "application/json")
            .header("accept", accept);
        let body = json!({ "query": "{ viewer { kind } }" }).to_string();
        let answer = request.body(body).send().await.expect("an answer");
        assert_eq!(answer.headers()["content-type"], kind, "{accept}");
    }
}

async fn a_stream_resumes_from_the_last_event_id(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    for body in ["a", "b", "c"] {
        add(&app, &admin, &ticket, body).await;
    }
    // The variables are those of the first request.
    let body = json!({ "query": FOLLOW, "variables": { "after": ticket.cursor } });
    let mut events = app.stream(&admin, &body, &[]).await;
    let (first, id) = message(&mut events).await;
    assert_eq!(first, "a");
    drop(events);
    let mut events = app.stream(&admin, &body, &[("last-event-id", &id)]).await;
    assert_eq!(message(&mut events).await.0, "b");
    let (third, id) = message(&mut events).await;
    assert_eq!(third, "c");
    let last = add(&app, &admin, &ticket, "d").await;
    assert_ne!(id, last);
    assert_eq!(message(&mut events).await, ("d".to_owned(), last));
    // An empty id is ignored.
    let mut events = app.stream(&admin, &body, &[("last-event-id", "")]).await;
    assert_eq!(message(&mut events).await.0, "a");
}

async fn a_subscription_can_be_requested_by_get(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    add(&app, &admin, &ticket, "a").await;
    let get = |query: &str, variables: &Value, headers: &[(&str, &str)]| {
        let mut url = reqwest::Url::parse(&format!("{}/graphql", app.url)).expect("an address");
        url.query_pairs_mut()
            .append_pair("query", query)
            .append_pair("variables", &variables.to_string());
        let request = app.http().get(url).bearer_auth(&admin.credential);
        let request = request.header("accept", "text/event-stream");
        let request = headers
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, *value));
        request.send()
    };
    let variables = json!({ "after": ticket.cursor });
    let mut events = Events::of(get(FOLLOW, &variables, &[]).await.expect("an answer"));
    assert_eq!(message(&mut events).await.0, "a");
    let mutation = "mutation { customerCreate(input: { name: \"Ann\" }) { customer { id } } }";
    let refused = get(mutation, &json!({}), &[]).await.expect("an answer");
    assert_eq!(refused.status(), 405);
    let wrong = get(FOLLOW, &variables, &[("last-event-id", "nonsense")])
        .await
        .expect("an answer");
    assert_eq!(wrong.status(), 400);
    // A GET request for a subscription must accept event streams.
    let mut url = reqwest::Url::parse(&format!("{}/graphql", app.url)).expect("an address");
    url.query_pairs_mut().append_pair("query", FOLLOW);
    let plain = app.http().get(url).bearer_auth(&admin.credential).send();
    assert_eq!(plain.await.expect("an answer").status(), 405);
}

async fn the_operation_selects_json_or_a_stream(app: TestApp) {
    let (_, admin) = app.admin().await;
    for (query, expected) in [
        ("{ viewer { kind } }", "application/json; charset=utf-8"),
        (
            "mutation { teamCreate(input: { name: \"A\" }) { team { id } } }",
            "application/json; charset=utf-8",
        ),
        ("subscription { messageAdded { body } }", "text/event-stream"),
    ] {
        let request = app.http().post(format!("{}/graphql", app.url));
        let request = request
            .bearer_auth(&admin.credential)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream, multipart/mixed");
        let answer = request.body(json!({ "query": query }).to_string()).send().await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.headers()["content-type"], expected, "{query}");
    }
}

async fn a_stream_needs_a_credential(app: TestApp) {
    let request = app.http().post(format!("{}/graphql", app.url));
    let request = request
        .header("content-type", "application/json")
        .header("accept", "text/event-stream");
    let answer = request.body(json!({ "query": FOLLOW }).to_string()).send().await;
    assert_eq!(answer.expect("an answer").status(), 401);
}

async fn a_shutdown_ends_streams_without_completing_them(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    add(&app, &admin, &ticket, "a").await;
    let body = json!({ "query": FOLLOW, "variables": { "after": ticket.cursor } });
    let mut events = app.stream(&admin, &body, &[]).await;
    assert_eq!(message(&mut events).await.0, "a");
    app.shut_down();
    assert_eq!(events.next().await, None);
}

on_each_database!(
    a_query_sends_one_result_and_completes,
    requests_that_cannot_run_are_reported_in_the_stream,
    a_failed_root_field_has_null_data,
    stream_headers_prevent_buffering_and_caching,
    the_accept_header_can_refuse_streams,
    a_stream_resumes_from_the_last_event_id,
    a_subscription_can_be_requested_by_get,
    the_operation_selects_json_or_a_stream,
    a_stream_needs_a_credential,
    a_shutdown_ends_streams_without_completing_them,
);
