//! A subscription that ends with an error: the error contains a cursor, and a subscriber that resumes from it loses
//! nothing.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::{WATCH, add, bodies, body, ticket};
use crate::support::{Socket, TestApp, on_each_database};

/// Runs a statement outside of any operation.
async fn run(app: &TestApp, sql: &str) {
    let ran = app.services.db.connection().execute_unprepared(sql).await;
    ran.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Adds the newest event to the log again, with another message.
async fn append_newest_again(app: &TestApp) {
    let columns =
        "name, object_id, customer_id, ticket_id, conversation_id, actor_kind, actor_id, fields, at";
    let newest = "(SELECT max(position) FROM change)";
    run(
        app,
        &format!(
            "INSERT INTO change (workspace_id, position, {columns}) SELECT workspace_id, position + 1, {columns} \
             FROM change WHERE position = {newest}"
        ),
    )
    .await;
    run(app, "UPDATE change_counter SET position = position + 1").await;
}

/// Returns the cursor and the code with which a subscription ends.
async fn end_of_subscription(socket: &mut Socket, id: &str) -> (String, Value) {
    let message = socket.message().await;
    assert_eq!(
        (&message["type"], &message["id"]),
        (&json!("next"), &json!(id)),
        "{message}"
    );
    assert_eq!(message["payload"]["data"], Value::Null);
    let extensions = &message["payload"]["errors"][0]["extensions"];
    assert_eq!(
        socket.message().await,
        json!({ "type": "complete", "id": id }),
        "no later event"
    );
    (
        extensions["code"].as_str().expect("a code").to_owned(),
        extensions["changeCursor"].clone(),
    )
}

async fn a_message_that_fails_to_load_is_delivered_later(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    let mut sockets = [app.socket(&admin).await, app.socket(&admin).await];
    for socket in &mut sockets {
        socket.begin("1", WATCH, &json!({ "after": ticket.cursor })).await;
    }
    let live = add(&app, &admin, &ticket, "live").await;
    for socket in &mut sockets {
        assert_eq!(body(socket, "1").await, "live");
    }
    run(&app, "ALTER TABLE message RENAME TO message_away").await;
    append_newest_again(&app).await;
    let newest = app.services.hub.newest(workspace).await.expect("a cursor");
    app.services.hub.nudge(newest);
    for socket in &mut sockets {
        let (code, cursor) = end_of_subscription(socket, "1").await;
        assert_eq!((code.as_str(), &cursor), ("INTERNAL", &json!(live)));
    }
    run(&app, "ALTER TABLE message_away RENAME TO message").await;
    for socket in &mut sockets {
        socket.begin("1", WATCH, &json!({ "after": live })).await;
        assert_eq!(body(socket, "1").await, "live", "the missing event is delivered");
    }
    add(&app, &admin, &ticket, "and on").await;
    for socket in &mut sockets {
        assert_eq!(bodies(socket, "1", "and on").await, ["and on"]);
    }
}

async fn a_replay_ends_at_the_first_failed_event(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    for text in ["one", "two", "three"] {
        add(&app, &admin, &ticket, text).await;
    }
    let query = "subscription ($after: ChangeCursor) { messageAdded(after: $after) { body customer { email } changeCursor } }";
    let after = json!({ "after": ticket.cursor });
    let mut socket = app.socket(&admin).await;
    run(&app, "ALTER TABLE customer RENAME TO customer_away").await;
    socket.begin("1", query, &after).await;
    let (code, cursor) = end_of_subscription(&mut socket, "1").await;
    run(&app, "ALTER TABLE customer_away RENAME TO customer").await;
    assert_eq!(code, "INTERNAL");
    socket.begin("1", query, &json!({ "after": cursor })).await;
    assert_eq!(bodies(&mut socket, "1", "three").await, ["one", "two", "three"]);
}

on_each_database!(
    a_message_that_fails_to_load_is_delivered_later,
    a_replay_ends_at_the_first_failed_event,
);
