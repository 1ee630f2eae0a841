//! Connections are closed when their credential is no longer valid.

use std::time::Duration;

use deskgraph::{
    auth::{Grant, Viewer},
    service::api_key,
};
use serde_json::json;

use super::{WATCH, add, body, ticket};
use crate::support::{SocketEvent, TestApp, on_each_database};

const HOUR_MS: i64 = 60 * 60 * 1_000;

/// Maximum time until the use of a key is recorded.
const RECORDED: Duration = Duration::from_secs(30);

async fn an_expired_token_ends_its_socket_and_stream(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    add(&app, &admin, &ticket, "a").await;
    let key = app.api_key(&[workspace], &[Grant::Read]).await;
    let variables = json!({ "after": ticket.cursor });
    let mut socket = app.socket(&admin).await;
    socket.begin("1", WATCH, &variables).await;
    assert_eq!(body(&mut socket, "1").await, "a");
    let mut staying = app.socket(&key).await;
    staying.begin("1", WATCH, &variables).await;
    assert_eq!(body(&mut staying, "1").await, "a");
    let request = json!({ "query": WATCH, "variables": variables });
    let mut events = app.stream(&admin, &request, &[]).await;
    assert_eq!(events.next().await.expect("an event").name, "next");

    app.clock_control.advance_ms(2 * HOUR_MS);
    assert_eq!(socket.receive().await, SocketEvent::Closed(Some(4403)));
    assert_eq!(events.next().await, None, "the stream ends without completion");
    // A key without expiry stays valid.
    let writer = app.api_key(&[workspace], &[Grant::Read, Grant::Write]).await;
    add(&app, &writer, &ticket, "b").await;
    assert_eq!(body(&mut staying, "1").await, "b");
}

async fn a_revoked_key_ends_only_its_own_connections(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    add(&app, &admin, &ticket, "a").await;
    let grants = [Grant::Read];
    let (revoked, other) = (
        app.api_key(&[workspace], &grants).await,
        app.api_key(&[workspace], &grants).await,
    );
    let variables = json!({ "after": ticket.cursor });
    let mut sockets = Vec::new();
    for key in [&revoked, &other] {
        let mut socket = app.socket(key).await;
        socket.begin("1", WATCH, &variables).await;
        assert_eq!(body(&mut socket, "1").await, "a");
        sockets.push(socket);
    }
    let request = json!({ "query": WATCH, "variables": variables });
    let mut events = app.stream(&revoked, &request, &[]).await;
    assert_eq!(events.next().await.expect("an event").name, "next");

    let id = revoked.id.parse().expect("an id");
    let operator = Viewer::operator(workspace);
    api_key::revoke(&app.services, &operator, id)
        .await
        .expect("revoked");
    assert_eq!(sockets[0].receive().await, SocketEvent::Closed(Some(4403)));
    assert_eq!(events.next().await, None);
    add(&app, &admin, &ticket, "b").await;
    assert_eq!(body(&mut sockets[1], "1").await, "b");
    // The credential is rejected for new connections too.
    let mut again = app.unknown_socket().await;
    again.introduce(&revoked.credential).await;
    assert_eq!(again.close_code().await, 4403);
}

async fn a_rotated_key_ends_its_connections_after_the_overlap(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    add(&app, &admin, &ticket, "a").await;
    let key = app.api_key(&[workspace], &[Grant::Read]).await;
    let variables = json!({ "after": ticket.cursor });
    let mut socket = app.socket(&key).await;
    socket.begin("1", WATCH, &variables).await;
    assert_eq!(body(&mut socket, "1").await, "a");
    let request = json!({ "query": WATCH, "variables": variables });
    let mut events = app.stream(&key, &request, &[]).await;
    assert_eq!(events.next().await.expect("an event").name, "next");
    let rotate = json!({ "id": key.id, "input": { "overlapSeconds": 600 } });
    app.wrote(&admin, "apiKeyRotate", rotate).await;
    // The token is valid for ten minutes.
    app.clock_control.advance_ms(600_000 - 1);
    add(&app, &admin, &ticket, "b").await;
    assert_eq!(body(&mut socket, "1").await, "b");
    assert_eq!(events.next().await.expect("an event").name, "next");
    app.clock_control.advance_ms(1);
    assert_eq!(socket.receive().await, SocketEvent::Closed(Some(4403)));
    assert_eq!(events.next().await, None);
}

async fn an_open_connection_updates_the_use_of_its_key(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    let used = async |id: &str| {
        let query = "query($id: ID!) { node(id: $id) { ... on ApiKey { lastUsedAt } } }";
        let answer = app.ask(&admin, query, json!({ "id": id })).await;
        answer.at("/node/lastUsedAt")
    };
    let request = json!({ "query": WATCH, "variables": { "after": ticket.cursor } });
    let (talks, listens) = (
        app.api_key(&[workspace], &[Grant::Read]).await,
        app.api_key(&[workspace], &[Grant::Read]).await,
    );
    assert_eq!(used(&talks.id).await, json!(null));
    let _socket = app.socket(&talks).await;
    let _events = app.stream(&listens, &request, &[]).await;
    let ids = [&talks, &listens].map(|key| key.id.parse().expect("an id"));
    for (forward, noted) in [
        (0, "2026-01-01T12:00:00.000Z"),
        (59_999, "2026-01-01T12:00:00.000Z"),
        (1, "2026-01-01T12:01:00.000Z"),
    ] {
        app.clock_control.advance_ms(forward);
        // Nodes run this check every second while clients are connected. It is repeated, because SQLite has one writer
        // at a time, and a check does not record the use while another write runs.
        let recording = async {
            loop {
                let ended = api_key::find_ended(&app.services, &ids).await.expect("an answer");
                assert!(ended.is_empty());
                if used(&talks.id).await == noted && used(&listens.id).await == noted {
                    return;
                }
            }
        };
        // The assertions below report what is recorded.
        let _ = tokio::time::timeout(RECORDED, recording).await;
        for key in [&talks, &listens] {
            assert_eq!(used(&key.id).await, noted, "{forward}");
        }
    }
    // Counted on a node without connections, because a node with connections runs the check by itself.
    let quiet = app.another().await;
    quiet.clock_control.advance_ms(60_000);
    quiet.statements.take();
    api_key::find_ended(&quiet.services, &ids)
        .await
        .expect("an answer");
    let mut statements = quiet.statements.take();
    // The node may still run other statements of its start.
    statements.retain(|sql| sql.contains("api_key"));
    assert_eq!(statements.len(), 1, "{statements:#?}");
}

on_each_database!(
    an_expired_token_ends_its_socket_and_stream,
    a_revoked_key_ends_only_its_own_connections,
    a_rotated_key_ends_its_connections_after_the_overlap,
    an_open_connection_updates_the_use_of_its_key,
);
