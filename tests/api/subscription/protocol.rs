//! The `graphql-transport-ws` protocol: initialization, errors and closing.

use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::{VIEWER, WATCH, add, ticket};
use crate::support::{TestApp, on_each_database};

const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");

async fn credentials_are_read_from_payload_or_headers(app: TestApp) {
    let (_, admin) = app.admin().await;
    let bearer = format!("Bearer {}", admin.credential);
    let ack = json!({ "type": "connection_ack" });
    for name in ["Authorization", "authorization", "AUTHORIZATION"] {
        let mut socket = app.unknown_socket().await;
        let init = json!({ "type": "connection_init", "payload": { name: bearer, "other": 1 } });
        socket.send(&init).await;
        assert_eq!(socket.message().await, ack);
    }
    for payload in [json!(null), json!({}), json!({ "other": 1 })] {
        let headers = [PROTOCOL, ("authorization", bearer.as_str())];
        let mut socket = app.upgrade(&headers).await.expect("a socket");
        let init = json!({ "type": "connection_init", "payload": payload });
        socket.send(&init).await;
        assert_eq!(socket.message().await, ack);
        socket.begin("1", VIEWER, &json!({})).await;
        assert_eq!(socket.data("1").await, json!({ "viewer": { "kind": "AGENT" } }));
    }
}

async fn without_a_valid_credential_the_socket_is_closed(app: TestApp) {
    let (_, admin) = app.admin().await;
    let bearer = format!("Bearer {}", admin.credential);
    for payload in [
        json!(null),
        json!({}),
        json!({ "Authorization": "Bearer nonsense" }),
        json!({ "Authorization": "Bearer dk_nonsense" }),
        json!({ "Authorization": admin.credential }),
        json!({ "Authorization": 1 }),
        json!("text"),
    ] {
        let mut socket = app.unknown_socket().await;
        let init = json!({ "type": "connection_init", "payload": payload });
        socket.send(&init).await;
        assert_eq!(socket.close_code().await, 4403, "{payload}");
    }
    // The credential in the payload takes precedence.
    let headers = [PROTOCOL, ("authorization", bearer.as_str())];
    let mut socket = app.upgrade(&headers).await.expect("a socket");
    socket.introduce("nonsense").await;
    assert_eq!(socket.close_code().await, 4403);
}

async fn an_operation_before_connection_init_closes_the_socket(app: TestApp) {
    let (_, admin) = app.admin().await;
    let mut socket = app.unknown_socket().await;
    socket.begin("1", VIEWER, &json!({})).await;
    assert_eq!(socket.close_code().await, 4401);
    // Also if the upgrade request had a valid credential.
    let bearer = format!("Bearer {}", admin.credential);
    let headers = [PROTOCOL, ("authorization", bearer.as_str())];
    let mut socket = app.upgrade(&headers).await.expect("a socket");
    socket.begin("1", VIEWER, &json!({})).await;
    assert_eq!(socket.close_code().await, 4401);
}

async fn a_second_connection_init_closes_the_socket(app: TestApp) {
    let (_, admin) = app.admin().await;
    let mut socket = app.socket(&admin).await;
    socket.introduce(&admin.credential).await;
    assert_eq!(socket.close_code().await, 4429);
}

async fn a_duplicate_operation_id_closes_the_socket(app: TestApp) {
    let (_, admin) = app.admin().await;
    let mut socket = app.socket(&admin).await;
    let id = "a name that is longer than a reason of a close frame may be ".repeat(5);
    socket.begin(&id, WATCH, &json!({})).await;
    socket.begin(&id, WATCH, &json!({})).await;
    assert_eq!(socket.close_code().await, 4409);
}

async fn a_malformed_message_closes_the_socket(app: TestApp) {
    let (_, admin) = app.admin().await;
    for frame in [
        Message::text("garbage"),
        Message::text(""),
        Message::text("[]"),
        Message::text("null"),
        Message::text(r#"{"type":"start","id":"1","payload":{"query":"{ viewer { kind } }"}}"#),
        Message::text(r#"{"type":"subscribe","id":"1"}"#),
        Message::text(r#"{"type":"subscribe","payload":{"query":"{ viewer { kind } }"}}"#),
        Message::text(r#"{"type":"subscribe","id":1,"payload":{"query":"{ viewer { kind } }"}}"#),
        Message::text(r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#),
        Message::text(r#"{"type":"complete"}"#),
        Message::text("[".repeat(100_000)),
        Message::binary(&br#"{"type":"ping"}"#[..]),
    ] {
        let mut socket = app.socket(&admin).await;
        socket.send_frame(frame.clone()).await;
        assert_eq!(socket.close_code().await, 4400, "{frame}");
    }
}

async fn pings_are_answered(app: TestApp) {
    let (_, admin) = app.admin().await;
    for mut socket in [app.unknown_socket().await, app.socket(&admin).await] {
        socket.send(&json!({ "type": "ping" })).await;
        assert_eq!(socket.message().await, json!({ "type": "pong" }));
        socket.send(&json!({ "type": "pong" })).await;
        socket
            .send(&json!({ "type": "ping", "payload": { "n": 1 } }))
            .await;
        assert_eq!(socket.message().await, json!({ "type": "pong" }));
    }
}

async fn an_oversized_message_closes_the_socket(app: TestApp) {
    let (_, admin) = app.admin().await;
    let mut socket = app.socket(&admin).await;
    let query = format!("# {}\n{VIEWER}", "x".repeat(10 << 20));
    socket.begin("1", &query, &json!({})).await;
    assert_eq!(socket.close_code().await, 1009);
    let mut socket = app.socket(&admin).await;
    let query = format!("# {}\n{VIEWER}", "x".repeat(app.settings.body_bytes_max));
    socket.begin("1", &query, &json!({})).await;
    assert_eq!(socket.close_code().await, 1009);
    // The node continues.
    let mut socket = app.socket(&admin).await;
    socket.begin("1", VIEWER, &json!({})).await;
    socket.data("1").await;
}

async fn an_upgrade_without_the_protocol_is_refused(app: TestApp) {
    for headers in [vec![], vec![("sec-websocket-protocol", "graphql-ws")]] {
        assert_eq!(app.upgrade(&headers).await.err(), Some(400));
    }
    let both = [("sec-websocket-protocol", "graphql-ws, graphql-transport-ws")];
    assert!(app.upgrade(&both).await.is_ok());
}

async fn a_shutdown_requests_clients_to_reconnect(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    let mut sockets = vec![app.socket(&admin).await];
    for _ in 0..20 {
        let mut socket = app.socket(&admin).await;
        for id in ["1", "2", "3"] {
            socket.begin(id, WATCH, &json!({ "after": ticket.cursor })).await;
        }
        sockets.push(socket);
    }
    add(&app, &admin, &ticket, "last").await;
    for socket in &mut sockets[1..] {
        for _ in 0..3 {
            assert_eq!(socket.message().await["type"], "next");
        }
    }
    // Opened last, because the server closes a socket that stays without `connection_init`.
    let mut unknown = app.unknown_socket().await;
    unknown.wait_for_pong().await;
    sockets.push(unknown);
    app.shut_down();
    for socket in &mut sockets {
        // No operation is completed, because a client would then not reconnect.
        assert_eq!(socket.close_code().await, 1001);
    }
}

on_each_database!(
    credentials_are_read_from_payload_or_headers,
    without_a_valid_credential_the_socket_is_closed,
    an_operation_before_connection_init_closes_the_socket,
    a_second_connection_init_closes_the_socket,
    a_duplicate_operation_id_closes_the_socket,
    a_malformed_message_closes_the_socket,
    pings_are_answered,
    an_oversized_message_closes_the_socket,
    an_upgrade_without_the_protocol_is_refused,
    a_shutdown_requests_clients_to_reconnect,
);

/// Waits as long as the server does.
#[tokio::test]
async fn a_socket_without_connection_init_is_closed() {
    let app = TestApp::sqlite().await;
    let mut socket = app.unknown_socket().await;
    socket.wait_for_pong().await;
    assert_eq!(socket.close_code().await, 4408);
}
