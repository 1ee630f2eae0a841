//! Clients that send their whole body before they read the response, and are rejected before the server has read the
//! body.

use super::{Peer, head};
use crate::support::TestApp;

/// Sends a whole request, as such clients do, and then reads the response to its end.
async fn write_then_read(app: &TestApp, head: &str, length: usize) -> String {
    let mut peer = Peer::of(app).await;
    peer.send(head).await;
    let part = "x".repeat(16 << 10);
    let mut left = length;
    while left > 0 {
        let now = part.len().min(left);
        // Fails on a connection that was reset.
        peer.send(&part[..now]).await;
        left -= now;
        tokio::task::yield_now().await;
    }
    let heard = peer.receive().await;
    assert!(peer.is_ended().await, "{heard}");
    heard
}

#[tokio::test]
async fn a_refusal_is_readable_after_the_whole_body() {
    let app = TestApp::sqlite().await;
    let (_, admin) = app.admin().await;
    let length = 1 << 20;
    let known = head(Some(&admin), length);
    let too_long = head(Some(&admin), length + 1);
    for (head, length, status) in [
        (head(None, length), length, "401"),
        (known.replace("application/json", "text/plain"), length, "415"),
        (
            known.replace("Host: test", "Host: test\r\nContent-Encoding: br"),
            length,
            "415",
        ),
        (
            known.replace("Host: test", "Host: test\r\nOrigin: https://evil.example"),
            length,
            "403",
        ),
        (known.replace("POST", "PUT"), length, "405"),
        (known.replace("/graphql", "/nowhere"), length, "404"),
        (too_long, length + 1, "413"),
    ] {
        // A premature reset does not occur every time.
        for _ in 0..5 {
            let heard = write_then_read(&app, &head, length).await;
            assert!(
                heard.starts_with(&format!("HTTP/1.1 {status}")),
                "{status}: {heard}"
            );
            assert!(heard.to_lowercase().contains("\r\nconnection: close"), "{heard}");
        }
    }
}

#[tokio::test]
async fn a_viewer_over_its_body_limit_reads_the_refusal() {
    let length = 1 << 20;
    let app = TestApp::sqlite_with(|settings| {
        settings.body_bytes_max = length;
        // One body exceeds the limit of the viewer, so that no other body has to be in transit.
        settings.bodies_bytes_per_viewer = length / 2;
    })
    .await;
    let (_, admin) = app.admin().await;
    let heard = write_then_read(&app, &head(Some(&admin), length), length).await;
    assert!(heard.starts_with("HTTP/1.1 429"), "{heard}");
    assert!(heard.contains("retry-after: 1"), "{heard}");
}

#[tokio::test]
async fn a_refused_request_with_small_body_keeps_the_connection() {
    let app = TestApp::sqlite().await;
    let mut peer = Peer::of(&app).await;
    for _ in 0..3 {
        peer.send(&(head(None, 200) + &"x".repeat(200))).await;
        let heard = peer.receive().await;
        assert!(heard.starts_with("HTTP/1.1 401"), "{heard}");
        assert!(!heard.to_lowercase().contains("connection: close"), "{heard}");
    }
}

#[tokio::test]
async fn a_client_that_continues_sending_is_disconnected() {
    let app = TestApp::sqlite().await;
    let mut peer = Peer::of(&app).await;
    peer.send(&head(None, 1 << 40)).await;
    let part = vec![b'x'; 64 << 10];
    let sending = async {
        use tokio::io::AsyncWriteExt;
        while peer.0.write_all(&part).await.is_ok() {}
    };
    tokio::time::timeout(super::TIMEOUT, sending)
        .await
        .expect("an end");
}
