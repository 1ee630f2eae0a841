//! Request bodies: authentication before they are read, and limits on their memory.

use super::{Peer, head};
use crate::support::{Answer, Person, TestApp};

#[tokio::test]
async fn the_body_of_an_unauthenticated_request_is_not_read() {
    let app = TestApp::sqlite().await;
    let mut peer = Peer::of(&app).await;
    peer.send(&head(None, 1 << 20)).await;
    let heard = peer.receive().await;
    assert!(heard.starts_with("HTTP/1.1 401"), "{heard}");
    assert!(heard.contains(r#""code":"UNAUTHENTICATED""#), "{heard}");
}

#[tokio::test]
async fn an_oversized_content_length_is_refused_immediately() {
    let app = TestApp::sqlite().await;
    let (_, admin) = app.admin().await;
    let mut peer = Peer::of(&app).await;
    peer.send(&head(Some(&admin), (1 << 20) + 1)).await;
    let heard = peer.receive().await;
    assert!(heard.starts_with("HTTP/1.1 413"), "{heard}");
}

#[tokio::test]
async fn pending_bodies_share_a_memory_limit() {
    let app = TestApp::sqlite_with(|settings| {
        settings.body_bytes_max = 100_000;
        settings.bodies_bytes_max = 100_000;
    })
    .await;
    let (_, admin) = app.admin().await;
    let mut holder = Peer::of(&app).await;
    holder.send(&head(Some(&admin), 100_000)).await;
    // Memory is charged as bytes arrive.
    holder.send(&" ".repeat(90_000)).await;
    let query = r#"{"query":"{ viewer { kind } }"}"#;
    let large = query.to_owned() + &" ".repeat(60_000);
    let refused = loop {
        let answer = app.post(Some(&admin.credential), &large).await;
        if answer.status() != 200 {
            break answer;
        }
    };
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["retry-after"], "1");
    let small = app.post(Some(&admin.credential), query).await;
    assert_eq!(small.status(), 200, "small bodies are always accepted");
    drop(holder);
    while app.post(Some(&admin.credential), &large).await.status() != 200 {}
}

/// Sends the head of a request with a body of unknown length, and the start of the body.
async fn begin(app: &TestApp, person: &Person, text: &str) -> Peer {
    let mut peer = Peer::of(app).await;
    let head = head(Some(person), 0).replace("Content-Length: 0", "Transfer-Encoding: chunked");
    peer.send(&head).await;
    peer.send(&format!("{:x}\r\n{text}\r\n", text.len())).await;
    peer
}

#[tokio::test]
async fn many_chunked_bodies_are_served_at_once() {
    let app = TestApp::sqlite().await;
    let (_, admin) = app.admin().await;
    let mut peers = Vec::new();
    for _ in 0..40 {
        peers.push(begin(&app, &admin, r#"{"query":"{ viewer "#).await);
    }
    for peer in &mut peers {
        let rest = r#"{ kind } }"}"#;
        peer.send(&format!("{:x}\r\n{rest}\r\n0\r\n\r\n", rest.len()))
            .await;
    }
    for peer in &mut peers {
        let heard = peer.receive().await;
        assert!(heard.starts_with("HTTP/1.1 200"), "{heard}");
    }
}

#[tokio::test]
async fn many_unfinished_bodies_do_not_block_other_callers() {
    let app = TestApp::sqlite_with(|settings| {
        settings.body_bytes_max = 100_000;
        settings.bodies_bytes_max = 400_000;
        settings.bodies_bytes_per_viewer = 200_000;
    })
    .await;
    let (workspace, admin) = app.admin().await;
    let other = app.agent(workspace, "Other").await;
    let mut peers = Vec::new();
    for _ in 0..16 {
        peers.push(begin(&app, &admin, &" ".repeat(60_000)).await);
    }
    let large = r#"{"query":"{ viewer { kind } }"}"#.to_owned() + &" ".repeat(90_000);
    let refused = loop {
        let answer = app.post(Some(&admin.credential), &large).await;
        if answer.status() != 200 {
            break answer;
        }
    };
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(Answer::read(refused).await.error(), "RATE_LIMITED");
    for _ in 0..5 {
        assert_eq!(app.post(Some(&other.credential), &large).await.status(), 200);
    }
    drop(peers);
    while app.post(Some(&admin.credential), &large).await.status() != 200 {}
}

#[tokio::test]
async fn bodies_with_too_many_values_are_refused() {
    let app = TestApp::sqlite().await;
    let (_, admin) = app.admin().await;
    let values = "0,".repeat(500_000);
    let body = format!(r#"{{"query":"{{ viewer {{ kind }} }}","variables":{{"v":[{values}0]}}}}"#);
    let answer = Answer::read(app.post(Some(&admin.credential), &body).await).await;
    assert_eq!(
        (answer.status, answer.error().as_str()),
        (400, "QUERY_TOO_COSTLY")
    );
    let extensions = &answer.body["errors"][0]["extensions"];
    assert_eq!(
        (&extensions["limit"], &extensions["found"]),
        (&"values".into(), &500_005.into())
    );
    let mut socket = app.socket(&admin).await;
    socket
        .send(&serde_json::json!({ "type": "ping", "payload": { "v": vec![0; 30_000] } }))
        .await;
    assert_eq!(socket.close_code().await, 4400);
}
