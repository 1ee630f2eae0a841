//! A panic during a request affects only that request.

use serde_json::{Value, json};

use super::{WATCH, add, body, ticket};
use crate::support::{TestApp, on_each_database};

const TEAMS: &str = "{ teams { nodes { id } } }";

/// Returns the extensions of the only error. They contain no further data.
fn internal_error_extensions(error: &Value) -> &Value {
    let extensions = &error["extensions"];
    assert_eq!(extensions["code"], "INTERNAL", "{error}");
    assert!(extensions["requestId"].is_string(), "{error}");
    assert!(!error.to_string().contains("a statement of"), "{error}");
    extensions
}

async fn a_request_that_panics_is_answered(app: TestApp) {
    let (_, admin) = app.admin().await;
    app.statements.panic_at("FROM \"team\"");
    let answer = app.ask(&admin, TEAMS, json!({})).await;
    internal_error_extensions(&answer.body["errors"][0]);
    app.ask(&admin, "{ viewer { kind } }", json!({})).await.data();
}

async fn other_operations_of_the_socket_continue(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    let mut socket = app.socket(&admin).await;
    socket
        .begin("live", WATCH, &json!({ "after": ticket.cursor }))
        .await;
    app.statements.panic_at("FROM \"team\"");
    socket.begin("1", TEAMS, &json!({})).await;
    let message = socket.message().await;
    assert_eq!((&message["type"], &message["id"]), (&json!("error"), &json!("1")));
    internal_error_extensions(&message["payload"][0]);
    add(&app, &admin, &ticket, "still here").await;
    assert_eq!(body(&mut socket, "live").await, "still here");
}

async fn a_subscription_that_panics_reports_its_cursor(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    let mut socket = app.socket(&admin).await;
    socket.begin("1", WATCH, &json!({ "after": ticket.cursor })).await;
    let first = add(&app, &admin, &ticket, "first").await;
    assert_eq!(body(&mut socket, "1").await, "first");
    // The statement that reads a message for live subscriptions.
    app.statements.panic_at("FROM \"message\" WHERE (CASE");
    add(&app, &admin, &ticket, "second").await;
    let message = socket.message().await;
    assert_eq!(
        internal_error_extensions(&message["payload"]["errors"][0])["changeCursor"],
        json!(first),
        "{message}"
    );
    assert_eq!(socket.message().await["type"], "complete");
    app.statements.panic_at("");
    socket.begin("1", WATCH, &json!({ "after": first })).await;
    assert_eq!(body(&mut socket, "1").await, "second");
}

on_each_database!(
    a_request_that_panics_is_answered,
    other_operations_of_the_socket_continue,
    a_subscription_that_panics_reports_its_cursor,
);
