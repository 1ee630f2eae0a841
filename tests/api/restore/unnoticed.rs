//! A history that goes back while the identity of the server or file stays the same.

use deskgraph::events::ChangeCursor;
use serde_json::json;

use super::{WATCH, back_up, code_and_cursor, epochs, expired, pull, restored_unnoticed, run, write};
use crate::support::{Socket, TestApp, on_each_database};

/// Sets a short interval of polls.
pub(super) fn soon(settings: &mut deskgraph::config::Settings) {
    settings.change_poll_ms = 20;
}

async fn the_first_cursor_beyond_the_end_begins_an_epoch(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let kept = write(&app, &admin, "kept").await;
    let backup = back_up(&app).await;
    let first_lost = write(&app, &admin, "lost").await;
    let lost = write(&app, &admin, "too").await;
    let (node, _copy) = restored_unnoticed(&app, &backup).await;
    assert_eq!(epochs(&node, workspace).await, []);
    assert_eq!(pull(&node, &admin, lost).await, expired(kept));
    for name in ["a", "b", "c"] {
        write(&node, &admin, name).await;
        assert_eq!(pull(&node, &admin, lost).await, expired(kept));
        assert_eq!(pull(&node, &admin, first_lost).await, expired(kept));
    }
    assert_eq!(epochs(&node, workspace).await.len(), 1);
}

async fn subscribers_are_informed_when_the_log_shrinks(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let kept = write(&app, &admin, "kept").await;
    let mut socket = app.socket(&admin).await;
    socket
        .begin("1", WATCH, &json!({ "after": kept.to_string() }))
        .await;
    let lost = write(&app, &admin, "lost").await;
    for _ in 0..4 {
        socket.data("1").await;
    }
    // Simulates a promotion that lost the last transaction while the node kept running.
    run(
        &app,
        "DELETE FROM change WHERE position > 4; UPDATE change_counter SET position = 4",
    )
    .await;
    let message = socket.message().await;
    assert_eq!(message["type"], "next", "{message}");
    let error = &message["payload"]["errors"][0];
    assert_eq!(code_and_cursor(error), ("CURSOR_EXPIRED".to_owned(), kept));
    assert_eq!(socket.message().await["type"], "complete");
    let new = write(&app, &admin, "new").await;
    assert_eq!(new.position, lost.position);
    assert_ne!(new.epoch, lost.epoch);
    assert_eq!(pull(&app, &admin, lost).await, expired(kept));
    assert_eq!(epochs(&app, workspace).await.len(), 1);
    socket
        .begin("2", WATCH, &json!({ "after": kept.to_string() }))
        .await;
    assert_eq!(socket.data("2").await["changes"]["name"], "customer.created");
}

async fn a_subscriber_that_received_no_lost_event_continues(app: TestApp) {
    let (_, admin) = app.admin().await;
    let first = write(&app, &admin, "first").await;
    let mut socket = app.socket(&admin).await;
    let query = "subscription ($after: ChangeCursor) { customerChanged(after: $after) { changeCursor } }";
    socket
        .begin("1", query, &json!({ "after": first.to_string() }))
        .await;
    let kept = write(&app, &admin, "kept").await;
    socket.data("1").await;
    let after = json!({ "after": kept.to_string() });
    let mut all = app.socket(&admin).await;
    all.begin("all", WATCH, &after).await;
    // The first subscriber does not receive these.
    let customer = json!({ "email": "kept@example.com" });
    let input = json!({ "subject": "Again", "customerEmail": customer["email"], "body": "lost" });
    app.wrote(&admin, "ticketCreate", json!({ "input": input })).await;
    for _ in 0..3 {
        all.data("all").await;
    }
    run(
        &app,
        "DELETE FROM change WHERE position > 8; UPDATE change_counter SET position = 8",
    )
    .await;
    assert_eq!(
        code_and_cursor(&all.message().await["payload"]["errors"][0]),
        ("CURSOR_EXPIRED".to_owned(), kept)
    );
    let new = write(&app, &admin, "new").await;
    let heard = socket.data("1").await["customerChanged"]["changeCursor"].take();
    let heard: ChangeCursor = heard.as_str().expect("text").parse().expect("a cursor");
    assert_eq!((heard.position, heard.epoch), (9, new.epoch));
}

async fn a_subscriber_that_joined_after_lost_events_receives_the_new_ones(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let start = app.services.hub.newest(workspace).await.expect("a cursor");
    let kept = write(&app, &admin, "kept").await;
    let customers = "{ customers { nodes { id } } }";
    let customer = app.ask(&admin, customers, json!({})).await.data()["customers"]["nodes"][0]["id"].clone();
    let query = "subscription ($id: ID, $after: ChangeCursor) {
        customerChanged(customerId: $id, after: $after) { changeCursor } }";
    let (mut first, mut second) = (app.socket(&admin).await, app.socket(&admin).await);
    let after = json!({ "id": customer, "after": start.to_string() });
    first.begin("1", query, &after).await;
    first.data("1").await;
    let mut all = app.socket(&admin).await;
    all.begin("all", WATCH, &json!({ "after": kept.to_string() }))
        .await;
    write(&app, &admin, "lost").await;
    for _ in 0..4 {
        all.data("all").await;
    }
    // The replay of this one reaches the lost events, of which it receives none.
    second.begin("2", query, &after).await;
    second.data("2").await;
    run(
        &app,
        "DELETE FROM change WHERE position > 4; UPDATE change_counter SET position = 4",
    )
    .await;
    let error = &all.message().await["payload"]["errors"][0];
    assert_eq!(code_and_cursor(error), ("CURSOR_EXPIRED".to_owned(), kept));
    let change = json!({ "id": customer, "input": { "name": "Jane" } });
    app.wrote(&admin, "customerUpdate", change).await;
    for (socket, id) in [(&mut first, "1"), (&mut second, "2")] {
        let cursor = socket.data(id).await["customerChanged"]["changeCursor"].take();
        let cursor: ChangeCursor = cursor.as_str().expect("text").parse().expect("a cursor");
        assert_eq!(cursor.position, 5);
    }
}

async fn subscribers_are_informed_when_events_are_replaced(app: TestApp) {
    let (_, admin) = app.admin().await;
    let kept = write(&app, &admin, "kept").await;
    let mut socket = app.socket(&admin).await;
    socket
        .begin("1", WATCH, &json!({ "after": kept.to_string() }))
        .await;
    write(&app, &admin, "lost").await;
    for _ in 0..4 {
        socket.data("1").await;
    }
    // Between two polls, the log went back and grew to the same length, so that only the events differ.
    run(&app, "UPDATE change SET at = at + 1 WHERE position > 4").await;
    let error = socket.message().await["payload"]["errors"][0].clone();
    let (code, resume) = code_and_cursor(&error);
    assert_eq!((code.as_str(), resume.position), ("CURSOR_EXPIRED", 0));
    assert_eq!(pull(&app, &admin, resume).await, Ok(8));
}

/// A node on SQLite that reads its log only after its own commits, because nodes exchange no hints there.
async fn node_without_polls() -> TestApp {
    TestApp::sqlite_with(|settings| settings.change_poll_ms = 24 * 60 * 60 * 1_000).await
}

async fn next_positions(socket: &mut Socket, id: &str, count: usize) -> Vec<i64> {
    let mut positions = Vec::new();
    for _ in 0..count {
        let cursor = socket.data(id).await["changes"]["changeCursor"].take();
        let cursor: ChangeCursor = cursor.as_str().expect("text").parse().expect("a cursor");
        positions.push(cursor.position);
    }
    positions
}

#[tokio::test]
async fn the_loss_of_events_is_noticed_that_only_the_replay_has_read() {
    let app = node_without_polls().await;
    let (_, admin) = app.admin().await;
    let first = write(&app, &admin, "first").await;
    let mut socket = app.socket(&admin).await;
    socket
        .begin("1", WATCH, &json!({ "after": first.to_string() }))
        .await;
    write(&app, &admin, "second").await;
    assert_eq!(next_positions(&mut socket, "1", 4).await, [5, 6, 7, 8]);
    let other = app.another().await;
    write(&other, &admin, "lost").await;
    // The log of this node is read up to the new events, so that their loss is noticed.
    let mut later = app.socket(&admin).await;
    later
        .begin("2", WATCH, &json!({ "after": first.to_string() }))
        .await;
    assert_eq!(
        next_positions(&mut later, "2", 8).await,
        [5, 6, 7, 8, 9, 10, 11, 12]
    );
    assert_eq!(next_positions(&mut socket, "1", 4).await, [9, 10, 11, 12]);
    run(
        &other,
        "DELETE FROM change WHERE position > 8; UPDATE change_counter SET position = 8",
    )
    .await;
    write(&app, &admin, "new").await;
    for socket in [&mut socket, &mut later] {
        let message = socket.message().await;
        let (code, _) = code_and_cursor(&message["payload"]["errors"][0]);
        assert_eq!(code, "CURSOR_EXPIRED");
    }
}

#[tokio::test]
async fn a_subscriber_waits_until_a_shorter_log_is_noticed() {
    let app = node_without_polls().await;
    let (_, admin) = app.admin().await;
    let first = write(&app, &admin, "first").await;
    let mut socket = app.socket(&admin).await;
    socket
        .begin("1", WATCH, &json!({ "after": first.to_string() }))
        .await;
    write(&app, &admin, "kept").await;
    write(&app, &admin, "lost").await;
    next_positions(&mut socket, "1", 8).await;
    run(
        &app,
        "DELETE FROM change WHERE position > 8; UPDATE change_counter SET position = 8",
    )
    .await;
    // Another document, so that its subscriber has a listener of its own.
    let query = "subscription ($after: ChangeCursor) { changes(after: $after) { changeCursor } }";
    let mut other = app.socket(&admin).await;
    app.statements.take();
    other
        .begin("2", query, &json!({ "after": first.to_string() }))
        .await;
    assert_eq!(next_positions(&mut other, "2", 4).await, [5, 6, 7, 8]);
    let message = socket.message().await;
    let (code, _) = code_and_cursor(&message["payload"]["errors"][0]);
    assert_eq!(code, "CURSOR_EXPIRED");
    for _ in 0..20 {
        app.ask(&admin, "{ __typename }", json!({})).await.data();
    }
    let statements = app.statements.take();
    let reads = statements.iter().filter(|sql| sql.contains("\"change\""));
    assert!(reads.count() < 20, "{statements:?}");
    write(&app, &admin, "new").await;
    assert_eq!(next_positions(&mut other, "2", 4).await, [9, 10, 11, 12]);
}

async fn a_replay_that_fails_to_start_names_its_own_position(app: TestApp) {
    let (_, admin) = app.admin().await;
    let first = write(&app, &admin, "first").await;
    write(&app, &admin, "second").await;
    // The newest event cannot be read, so the log cannot be followed.
    run(&app, "UPDATE change SET name = 999 WHERE position = 8").await;
    let mut socket = app.socket(&admin).await;
    socket
        .begin("1", WATCH, &json!({ "after": first.to_string() }))
        .await;
    let message = socket.message().await;
    let error = match &message["payload"] {
        serde_json::Value::Array(errors) => &errors[0],
        payload => &payload["errors"][0],
    };
    assert_eq!(
        error["extensions"]["changeCursor"],
        first.to_string(),
        "{message}"
    );
    run(&app, "UPDATE change SET name = 41 WHERE position = 8").await;
    socket
        .begin("2", WATCH, &json!({ "after": first.to_string() }))
        .await;
    loop {
        let message = socket.message().await;
        if message["id"] == "2" {
            assert!(message["payload"]["data"]["changes"].is_object(), "{message}");
            return;
        }
    }
}

on_each_database!(
    with super::soon;
    the_first_cursor_beyond_the_end_begins_an_epoch,
    subscribers_are_informed_when_the_log_shrinks,
    a_subscriber_that_received_no_lost_event_continues,
    a_subscriber_that_joined_after_lost_events_receives_the_new_ones,
    subscribers_are_informed_when_events_are_replaced,
    a_replay_that_fails_to_start_names_its_own_position,
);
