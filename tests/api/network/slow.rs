//! Clients that send too slowly, or do not read responses.

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use super::{Peer, TIMEOUT, head};
use crate::support::TestApp;

#[tokio::test]
async fn an_incomplete_head_ends_the_connection() {
    let app = TestApp::sqlite_with(|settings| settings.header_timeout_ms = 200).await;
    for begun in [
        "",
        "P",
        "POST /graphql HTTP/1.1\r\n",
        "POST /graphql HTTP/1.1\r\nHost: test\r\nX-Long: ",
    ] {
        let mut peer = Peer::of(&app).await;
        peer.send(begun).await;
        assert!(peer.is_ended().await, "{begun:?}");
    }
}

#[tokio::test]
async fn a_slowly_sent_head_ends_the_connection() {
    let app = TestApp::sqlite_with(|settings| settings.header_timeout_ms = 300).await;
    let mut peer = Peer::of(&app).await;
    peer.send("GET /health/live HTTP/1.1\r\nHost: test\r\nX-Long: ")
        .await;
    let trickle = async {
        let mut turns = tokio::time::interval(std::time::Duration::from_millis(20));
        loop {
            turns.tick().await;
            if peer.0.write_all(b"x").await.is_err() {
                return;
            }
        }
    };
    timeout(TIMEOUT, trickle).await.expect("the server ends it");
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let app = TestApp::sqlite_with(|settings| settings.keep_alive_timeout_ms = 200).await;
    let mut peer = Peer::of(&app).await;
    peer.send("GET /health/live HTTP/1.1\r\nHost: test\r\n\r\n").await;
    let heard = peer.receive().await;
    assert!(heard.starts_with("HTTP/1.1 204"), "{heard}");
    assert!(peer.is_ended().await);
}

#[tokio::test]
async fn a_slow_reader_receives_the_complete_response() {
    let app = TestApp::sqlite_with(|settings| settings.keep_alive_timeout_ms = 300).await;
    let (_, admin) = app.admin().await;
    let mut peer = Peer::that_reads_nothing(&app, &admin, 1).await;
    // The time limit for the next request passes twice before any byte of it is read.
    let mut turns = tokio::time::interval(std::time::Duration::from_millis(300));
    for _ in 0..3 {
        turns.tick().await;
    }
    let mut heard = Vec::new();
    let reading = peer.0.read_to_end(&mut heard);
    timeout(TIMEOUT, reading)
        .await
        .expect("an end")
        .expect("an answer");
    let text = String::from_utf8_lossy(&heard);
    let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
    assert!(
        head.contains(&format!("content-length: {}", body.len())),
        "{head}"
    );
    assert!(body.len() > 4_000_000);
}

#[tokio::test]
async fn an_incomplete_body_is_answered_with_408() {
    let app = TestApp::sqlite_with(|settings| settings.body_timeout_ms = 200).await;
    let (_, admin) = app.admin().await;
    let mut peer = Peer::of(&app).await;
    peer.send(&head(Some(&admin), 100)).await;
    peer.send("{\"query\":").await;
    let heard = peer.receive().await;
    assert!(heard.starts_with("HTTP/1.1 408"), "{heard}");
    assert!(heard.contains(r#""code":"TIMEOUT""#), "{heard}");
}

#[tokio::test]
async fn an_oversized_head_is_refused() {
    let app = TestApp::sqlite().await;
    let mut peer = Peer::of(&app).await;
    let long = "x".repeat(64 << 10);
    peer.send(&format!("GET /graphql?query={long} HTTP/1.1\r\nHost: test\r\n"))
        .await;
    let heard = peer.receive().await;
    assert!(heard.starts_with("HTTP/1.1 4"), "{heard}");
}

/// A client that requests much data and reads nothing is disconnected, because it occupies the only place.
#[tokio::test]
async fn a_client_that_does_not_read_is_disconnected() {
    let app = TestApp::sqlite_with(|settings| {
        settings.write_timeout_ms = 300;
        settings.header_timeout_ms = 2_000;
        settings.connections_max = Some(1);
    })
    .await;
    let (_, admin) = app.admin().await;
    let _peer = Peer::that_reads_nothing(&app, &admin, 8).await;
    // A client that waits for the place gets it.
    let other = app.another_client();
    let asked = other.get(format!("{}/health/live", app.url)).send();
    let waited = timeout(TIMEOUT, asked).await.expect("a place");
    assert_eq!(waited.expect("an answer").status(), 204);
}

#[tokio::test]
async fn a_socket_without_pongs_is_closed() {
    let app = TestApp::sqlite_with(|settings| settings.ping_every_ms = 1_000).await;
    let (_, admin) = app.admin().await;
    // This client does not answer pings.
    let mut socket = app.socket(&admin).await;
    assert_eq!(socket.close_code().await, 1001);
}

#[tokio::test]
async fn an_unauthenticated_socket_accepts_only_short_messages() {
    let app = TestApp::sqlite().await;
    let mut socket = app.unknown_socket().await;
    let payload = json!({ "Authorization": "x".repeat(20_000) });
    socket
        .send(&json!({ "type": "connection_init", "payload": payload }))
        .await;
    assert_eq!(socket.close_code().await, 1009);
}

#[tokio::test]
async fn an_unauthenticated_socket_buffers_little() {
    let app = TestApp::sqlite().await;
    let mut peer = Peer::of(&app).await;
    peer.send(
        "GET /graphql HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n",
    )
    .await;
    // The start of a frame of a million bytes, masked with zeros.
    let mut frame = vec![0x81, 0xff];
    frame.extend_from_slice(&1_000_000_u64.to_be_bytes());
    frame.extend_from_slice(&[0; 4]);
    frame.resize(100_000, b'x');
    // The connection may be closed before everything is sent.
    let _ = peer.0.write_all(&frame).await;
    let mut heard = Vec::new();
    // If the server did not read the last bytes, the connection is reset.
    let _ = timeout(TIMEOUT, peer.0.read_to_end(&mut heard))
        .await
        .expect("an end");
    let late = 4408_u16.to_be_bytes();
    assert!(
        !heard.windows(2).any(|two| two == late),
        "only the initialization timeout closed the socket"
    );
}
