//! Retention of the change log.

use deskgraph::{auth::jwt::TokenRole, events, service, store::change};
use entity::{Timestamp, WorkspaceId};
use serde_json::{Value, json};

use super::{pull, pull_all};
use crate::support::{Person, TestApp, on_each_database, text};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
const FOLLOW: &str = "subscription ($after: ChangeCursor) { changes(after: $after) { name changeCursor } }";

/// Returns the same person with a token that is valid now.
fn with_new_token(app: &TestApp, person: &Person, workspace: WorkspaceId) -> Person {
    Person {
        credential: app.token(&person.id, TokenRole::Admin, &[workspace]),
        id: person.id.clone(),
    }
}

/// Creates a ticket of yesterday, whose events expire, and one of today.
async fn tickets_of_two_days(app: &TestApp) -> (Person, Vec<Value>) {
    let (workspace, admin) = app.admin().await;
    app.ticket(&admin, "ann@example.com").await;
    app.clock_control.advance_ms(DAY_MS);
    let admin = with_new_token(app, &admin, workspace);
    app.ticket(&admin, "bob@example.com").await;
    let log = pull_all(app, &admin, 100, Value::Null).await;
    let before = Timestamp(app.services.clock.now().0 - DAY_MS / 2);
    let given_up = events::prune(&app.services.db, workspace, before)
        .await
        .expect("pruned");
    assert_eq!(given_up, 4);
    assert_eq!(
        events::prune(&app.services.db, workspace, before)
            .await
            .expect("again"),
        0
    );
    (admin, log)
}

async fn expired_cursors_return_the_earliest_cursor(app: TestApp) {
    let (admin, log) = tickets_of_two_days(&app).await;
    assert_eq!(pull_all(&app, &admin, 100, Value::Null).await, log[4..]);
    let earliest = &log[3]["changeCursor"];
    let part = pull(&app, &admin, "after: $after", json!({ "after": earliest })).await;
    assert_eq!(part["nodes"], Value::from(log[4..].to_vec()));
    let query = "query ($after: ChangeCursor) { changes(after: $after) { changeCursor } }";
    let refused = app
        .ask(&admin, query, json!({ "after": log[2]["changeCursor"] }))
        .await;
    let extensions = &refused.body["errors"][0]["extensions"];
    assert_eq!(
        (&extensions["code"], &extensions["changeCursor"]),
        (&json!("CURSOR_EXPIRED"), earliest)
    );

    let mut socket = app.socket(&admin).await;
    socket
        .begin("1", FOLLOW, &json!({ "after": log[2]["changeCursor"] }))
        .await;
    assert_eq!(socket.refusal("1").await, "CURSOR_EXPIRED after");
    socket.begin("2", FOLLOW, &json!({ "after": earliest })).await;
    for expected in &log[4..] {
        assert_eq!(
            socket.data("2").await["changes"]["changeCursor"],
            expected["changeCursor"]
        );
    }
}

async fn cursors_of_messages_older_than_the_log_expire(app: TestApp) {
    let (admin, log) = tickets_of_two_days(&app).await;
    let query = "{ customers { nodes { email messages { nodes { changeCursor } } } } }";
    let found = app.ask(&admin, query, json!({})).await.at("/customers/nodes");
    let of = |email: &str| {
        let one = found
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["email"] == email)
            .unwrap();
        one["messages"]["nodes"][0]["changeCursor"].clone()
    };
    assert_eq!(of("bob@example.com"), log[7]["changeCursor"]);
    let mut socket = app.socket(&admin).await;
    socket
        .begin("1", FOLLOW, &json!({ "after": of("ann@example.com") }))
        .await;
    assert_eq!(socket.refusal("1").await, "CURSOR_EXPIRED after");
}

async fn the_newest_event_is_never_pruned(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    app.ticket(&admin, "ann@example.com").await;
    let newest = app.log(workspace).await.pop().expect("an event");
    app.clock_control.advance_ms(DAY_MS);
    let admin = with_new_token(&app, &admin, workspace);
    let now = app.services.clock.now();
    assert_eq!(
        events::prune(&app.services.db, workspace, now)
            .await
            .expect("pruned"),
        3
    );
    assert_eq!(app.log(workspace).await, std::slice::from_ref(&newest));
    // Positions continue without a restart.
    let next = app.ticket(&admin, "bob@example.com").await;
    let log = app.log(workspace).await;
    assert_eq!(log[1].position, newest.position + 1);
    assert!(!text(&next["id"]).is_empty());
    let newest = change::newest_unscoped(&app.services.db, workspace)
        .await
        .expect("a place")
        .position;
    assert_eq!(newest, log.last().expect("an event").position);
}

async fn epochs_without_cursors_are_pruned(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let begin = async || {
        service::epoch::begin(&app.services, Some(workspace))
            .await
            .expect("begun")
    };
    let epochs = async || service::epoch::list(&app.services).await.expect("a list");
    for email in ["ann@example.com", "bob@example.com", "cat@example.com"] {
        app.ticket(&admin, email).await;
        begin().await;
    }
    app.clock_control.advance_ms(DAY_MS);
    let admin = with_new_token(&app, &admin, workspace);
    app.ticket(&admin, "dan@example.com").await;
    let (all, log) = (epochs().await, pull_all(&app, &admin, 100, Value::Null).await);
    let before = Timestamp(app.services.clock.now().0 - DAY_MS / 2);
    let given_up = events::prune(&app.services.db, workspace, before).await;
    assert_eq!(given_up.expect("pruned"), 12);
    // The first epoch is deleted. The second stays: its cursor of the position before the oldest event is still valid.
    assert_eq!((all.len(), epochs().await), (3, all[1..].to_vec()));
    assert_eq!(pull_all(&app, &admin, 100, Value::Null).await, log[12..]);
    let earliest = &log[11]["changeCursor"];
    let part = pull(&app, &admin, "after: $after", json!({ "after": earliest })).await;
    assert_eq!(part["nodes"], Value::from(log[12..].to_vec()));
    let query = "query ($after: ChangeCursor) { changes(after: $after) { changeCursor } }";
    for expired in &log[..11] {
        let refused = app
            .ask(&admin, query, json!({ "after": expired["changeCursor"] }))
            .await;
        let extensions = &refused.body["errors"][0]["extensions"];
        assert_eq!(
            (&extensions["code"], &extensions["changeCursor"]),
            (&json!("CURSOR_EXPIRED"), earliest)
        );
        // This also applies to cursors of the deleted epoch: nothing was restored.
        let message = text(&refused.body["errors"][0]["message"]);
        assert!(message.contains("are no longer stored"), "{message}");
    }
}

async fn nothing_is_written_without_expired_events(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    app.ticket(&admin, "ann@example.com").await;
    let begun = service::epoch::begin(&app.services, Some(workspace)).await;
    begun.expect("begun");
    app.ticket(&admin, "bob@example.com").await;
    app.statements.take();
    let before = Timestamp(app.services.clock.now().0 - DAY_MS);
    let deleted = events::prune(&app.services.db, workspace, before).await;
    assert_eq!(deleted.expect("pruned"), 0);
    let statements = app.statements.take();
    assert!(!statements.is_empty());
    let is_reading = |sql: &String| sql.starts_with("SELECT");
    assert!(statements.iter().all(is_reading), "{statements:?}");
}

on_each_database!(
    nothing_is_written_without_expired_events,
    epochs_without_cursors_are_pruned,
    expired_cursors_return_the_earliest_cursor,
    cursors_of_messages_older_than_the_log_expire,
    the_newest_event_is_never_pruned,
);
