//! Operations over a WebSocket: results, completion and limits.

use needs::needs;
use serde_json::json;

use super::{VIEWER, WATCH, add, bodies, body, ticket};
use crate::support::{TestApp, on_each_database};

async fn the_id_of_a_completed_operation_can_be_reused(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    let mut socket = app.socket(&admin).await;
    socket.begin("1", WATCH, &json!({ "after": ticket.cursor })).await;
    let cursor = add(&app, &admin, &ticket, "a").await;
    assert_eq!(body(&mut socket, "1").await, "a");
    socket.complete("1").await;
    socket.complete("1").await;
    socket.complete("never begun").await;
    socket.wait_for_pong().await;
    add(&app, &admin, &ticket, "b").await;
    let customer = app.ask(&admin, "{ tickets { totalCount } }", json!({})).await;
    assert_eq!(customer.at("/tickets/totalCount"), 1);
    // Messages of the first subscription would appear in between if it were still active.
    socket.begin("1", WATCH, &json!({ "after": cursor })).await;
    assert_eq!(bodies(&mut socket, "1", "b").await, ["b"]);
    add(&app, &admin, &ticket, "c").await;
    assert_eq!(body(&mut socket, "1").await, "c");
    socket.wait_for_pong().await;
}

async fn queries_and_mutations_are_answered_once(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    let mut socket = app.socket(&admin).await;
    let add = "mutation ($input: MessageAddInput!) { messageAdd(input: $input) { message { body } } }";
    let target = json!({ "ticketId": ticket.id });
    let input = json!({ "target": target, "body": "hello", "senderEmail": "jane@example.com" });
    socket.begin("write", add, &json!({ "input": input })).await;
    assert_eq!(
        socket.data("write").await["messageAdd"]["message"]["body"],
        "hello"
    );
    let complete = |id| json!({ "type": "complete", "id": id });
    assert_eq!(socket.message().await, complete("write"));
    let read = "query ($id: ID!) { ticket(id: $id) { messageCount } }";
    for _ in 0..2 {
        socket.begin("read", read, &json!({ "id": ticket.id })).await;
        assert_eq!(
            socket.data("read").await,
            json!({ "ticket": { "messageCount": 2 } })
        );
        assert_eq!(socket.message().await, complete("read"));
    }
}

async fn an_invalid_document_is_refused_on_an_open_socket(app: TestApp) {
    let (_, admin) = app.admin().await;
    let mut socket = app.socket(&admin).await;
    for query in [
        "",
        "{",
        "{ nothing }",
        "subscription { nothing }",
        "subscription { messageAdded }",
        "{ viewer { kind } } query Second { viewer { kind } }",
    ] {
        socket.begin("1", query, &json!({})).await;
        assert_eq!(socket.refusal("1").await, "BAD_USER_INPUT", "{query}");
    }
    socket.begin("1", VIEWER, &json!({})).await;
    assert_eq!(socket.data("1").await, json!({ "viewer": { "kind": "AGENT" } }));
}

async fn a_partial_failure_returns_data_and_errors(app: TestApp) {
    let (_, admin) = app.admin().await;
    let mut socket = app.socket(&admin).await;
    let query = r#"{ viewer { kind } ticket(id: "garbage") { id } }"#;
    socket.begin("1", query, &json!({})).await;
    let message = socket.message().await;
    assert_eq!(message["type"], "next");
    let payload = &message["payload"];
    assert_eq!(
        payload["data"],
        json!({ "viewer": { "kind": "AGENT" }, "ticket": null })
    );
    assert_eq!(payload["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    assert_eq!(socket.message().await, json!({ "type": "complete", "id": "1" }));
}

async fn optional_request_fields_can_be_null(app: TestApp) {
    let (_, admin) = app.admin().await;
    let mut socket = app.socket(&admin).await;
    let payload = json!({ "query": VIEWER, "operationName": null, "variables": null, "extensions": null });
    socket
        .send(&json!({ "type": "subscribe", "id": "1", "payload": payload }))
        .await;
    assert_eq!(socket.data("1").await, json!({ "viewer": { "kind": "AGENT" } }));
}

on_each_database!(
    the_id_of_a_completed_operation_can_be_reused,
    queries_and_mutations_are_answered_once,
    an_invalid_document_is_refused_on_an_open_socket,
    a_partial_failure_returns_data_and_errors,
    optional_request_fields_can_be_null,
);

/// With a small limit of operations per socket.
async fn assert_operations_are_bounded(app: TestApp) {
    let (_, admin) = app.admin().await;
    let mut socket = app.socket(&admin).await;
    socket.begin("1", WATCH, &json!({})).await;
    socket.begin("2", WATCH, &json!({})).await;
    socket.begin("3", VIEWER, &json!({})).await;
    assert_eq!(socket.refusal("3").await, "BAD_USER_INPUT");
    socket.complete("2").await;
    socket.begin("3", VIEWER, &json!({})).await;
    assert_eq!(socket.data("3").await, json!({ "viewer": { "kind": "AGENT" } }));
    // Another socket has its own limit.
    let mut other = app.socket(&admin).await;
    other.begin("1", VIEWER, &json!({})).await;
    other.data("1").await;
}

/// Far more operations than the limit: each gets a response, and running operations are not affected.
#[tokio::test]
async fn ten_thousand_operations_are_all_answered() {
    const OPERATIONS: usize = 10_000;
    let app = TestApp::sqlite().await;
    let (_, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    let mut socket = app.socket(&admin).await;
    let max = app.settings.operations_per_socket;
    let after = json!({ "after": ticket.cursor });
    for n in 0..max {
        socket.begin(&n.to_string(), WATCH, &after).await;
    }
    for n in max..OPERATIONS {
        let id = n.to_string();
        socket.begin(&id, WATCH, &after).await;
        assert_eq!(socket.refusal(&id).await, "BAD_USER_INPUT");
    }
    add(&app, &admin, &ticket, "for all").await;
    let mut received = std::collections::BTreeSet::new();
    for _ in 0..max {
        let message = socket.message().await;
        assert_eq!(message["payload"]["data"]["messageAdded"]["body"], "for all");
        received.insert(message["id"].to_string());
    }
    assert_eq!(received.len(), max);
}

#[tokio::test]
async fn operations_of_a_socket_are_bounded_on_sqlite() {
    let app = TestApp::sqlite_with(|settings| settings.operations_per_socket = 2).await;
    assert_operations_are_bounded(app).await;
}

#[needs(postgres)]
#[tokio::test]
async fn operations_of_a_socket_are_bounded_on_postgres() {
    let app = TestApp::postgres_with(|settings| settings.operations_per_socket = 2).await;
    assert_operations_are_bounded(app).await;
}
