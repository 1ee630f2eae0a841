//! A viewer that uses as many resources as it can does not affect others.

use deskgraph::config::Settings;
use serde_json::json;

use super::{Peer, large_request};
use crate::support::{Person, SocketEvent, TestApp};

const WATCH: &str = "subscription { messageAdded { id } }";

async fn two(change: impl FnOnce(&mut Settings)) -> (TestApp, Person, Person) {
    let app = TestApp::sqlite_with(change).await;
    let (workspace, admin) = app.admin().await;
    let other = app.agent(workspace, "Other").await;
    (app, admin, other)
}

#[tokio::test]
async fn sockets_are_counted_by_viewer() {
    let (app, admin, other) = two(|settings| settings.sockets_per_viewer = 1).await;
    let first = app.socket(&admin).await;
    let mut second = app.unknown_socket().await;
    second.introduce(&admin.credential).await;
    assert_eq!(second.close_code().await, 1013);
    app.socket(&other).await;
    first.close().await;
    // The place is free as soon as the server has noticed the end of the connection.
    loop {
        let mut again = app.unknown_socket().await;
        again.introduce(&admin.credential).await;
        match again.receive().await {
            SocketEvent::Message(message) => {
                assert_eq!(message["type"], "connection_ack");
                return;
            }
            SocketEvent::Closed(code) => assert_eq!(code, Some(1013)),
        }
    }
}

#[tokio::test]
async fn operations_are_counted_across_connections_of_a_viewer() {
    let (app, admin, other) = two(|settings| settings.operations_per_viewer = 1).await;
    let mut socket = app.socket(&admin).await;
    socket.begin("1", WATCH, &json!({})).await;
    socket.begin("2", WATCH, &json!({})).await;
    assert_eq!(socket.refusal("2").await, "RATE_LIMITED");
    let stream = async |person: &Person| {
        let request = app
            .http()
            .post(format!("{}/graphql", app.url))
            .bearer_auth(&person.credential);
        let request = request
            .header("accept", "text/event-stream")
            .json(&json!({ "query": WATCH }));
        request.send().await.expect("an answer").status()
    };
    assert_eq!(stream(&admin).await, 429);
    assert_eq!(stream(&other).await, 200);
    socket.complete("1").await;
    socket.begin("3", "{ viewer { kind } }", &json!({})).await;
    socket.data("3").await;
}

#[tokio::test]
async fn unread_responses_are_counted() {
    let (app, admin, other) = two(|settings| settings.bytes_per_viewer = 24 << 20).await;
    let request = large_request(&app, &admin).await;
    let mut peers = Vec::new();
    let refused = loop {
        // The response is larger than the network buffers.
        peers.push(Peer::that_reads_nothing(&app, &admin, 1).await);
        let answer = app.post(Some(&admin.credential), &request).await;
        if answer.status() != 200 {
            break answer;
        }
        assert!(peers.len() < 100, "no request was rejected");
    };
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(app.post(Some(&other.credential), &request).await.status(), 200);
    drop(peers);
    while app.post(Some(&admin.credential), &request).await.status() != 200 {}
}

#[tokio::test]
async fn documents_of_operations_are_counted_in_bytes() {
    let (app, admin, other) = two(|settings| settings.bytes_per_viewer = 1 << 20).await;
    let large = format!("{WATCH} #{}", "x".repeat(700_000));
    let mut socket = app.socket(&admin).await;
    socket.begin("1", &large, &json!({})).await;
    socket.begin("2", &large, &json!({})).await;
    assert_eq!(socket.refusal("2").await, "RATE_LIMITED");
    app.socket(&other).await.begin("1", &large, &json!({})).await;
    socket.complete("1").await;
    socket.begin("3", &large, &json!({})).await;
    socket.begin("4", "{ viewer { kind } }", &json!({})).await;
    socket.data("4").await;
}
