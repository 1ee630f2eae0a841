//! Whoever stays connected is let go when the credential no longer holds.

use deskgraph::{auth::Grant, service::api_key};
use serde_json::json;

use super::{WATCH, add, body, ticket};
use crate::support::{Heard, TestApp, on_each_database};

const HOUR_MS: i64 = 60 * 60 * 1_000;

async fn a_token_that_ends_takes_socket_and_stream_along(app: TestApp) {
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

    app.hands.advance_ms(2 * HOUR_MS);
    assert_eq!(socket.hear().await, Heard::Closed(Some(4403)));
    assert_eq!(events.next().await, None, "not complete: broken off");
    // A key without an end goes on.
    let writer = app.api_key(&[workspace], &[Grant::Read, Grant::Write]).await;
    add(&app, &writer, &ticket, "b").await;
    assert_eq!(body(&mut staying, "1").await, "b");
}

async fn a_key_that_is_revoked_takes_its_connections_along_and_no_others(app: TestApp) {
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
    assert!(api_key::revoke(&app.services, id).await.expect("revoked"));
    assert_eq!(sockets[0].hear().await, Heard::Closed(Some(4403)));
    assert_eq!(events.next().await, None);
    add(&app, &admin, &ticket, "b").await;
    assert_eq!(body(&mut sockets[1], "1").await, "b");
    // Nor does it open anything again.
    let mut again = app.unknown_socket().await;
    again.introduce(&revoked.credential).await;
    assert_eq!(again.close_code().await, 4403);
    let nobody = entity::ApiKeyId(uuid::Uuid::from_u128(5));
    assert!(!api_key::revoke(&app.services, nobody).await.expect("no such key"));
}

on_each_database!(
    a_token_that_ends_takes_socket_and_stream_along,
    a_key_that_is_revoked_takes_its_connections_along_and_no_others,
);
