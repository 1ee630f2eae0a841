//! A subscriber that does not read.

use deskgraph::config::Settings;
use needs::needs;
use serde_json::{Value, json};

use super::{add, text, ticket};
use crate::support::{SocketEvent, TestApp};

const MESSAGES: usize = 120;
/// Far more than the network buffers hold, because each text occurs forty times in a response.
const TEXT: usize = 10 << 10;
const TIMES: usize = 40;

async fn assert_slow_subscriber_can_resume(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    let fields: Vec<_> = (0..TIMES).map(|n| format!("f{n}: body")).collect();
    let query = format!(
        "subscription ($after: ChangeCursor) {{ messageAdded(after: $after) {{ {} changeCursor }} }}",
        fields.join(" ")
    );
    let mut socket = app.socket(&admin).await;
    socket
        .begin("1", &query, &json!({ "after": ticket.cursor }))
        .await;
    // The first message is read, so that the subscription is live. Then nothing is read.
    let body = |n: usize| format!("{n} {}", "x".repeat(TEXT));
    add(&app, &admin, &ticket, &body(0)).await;
    let number = |message: &Value| -> usize {
        let body = text(message, "/f0");
        body.split(' ')
            .next()
            .expect("a number")
            .parse()
            .expect("a number")
    };
    assert_eq!(number(&socket.data("1").await["messageAdded"]), 0);
    for n in 1..MESSAGES {
        add(&app, &admin, &ticket, &body(n)).await;
    }

    let (mut received, mut interruptions) = (1, 0);
    while received < MESSAGES {
        let SocketEvent::Message(message) = socket.receive().await else {
            panic!("closed after {received}")
        };
        let payload = &message["payload"];
        if payload.get("errors").is_none() {
            assert_eq!(number(&payload["data"]["messageAdded"]), received);
            received += 1;
            continue;
        }
        interruptions += 1;
        assert_eq!(message["type"], "next", "{message}");
        assert_eq!(payload["data"], Value::Null);
        let extensions = &payload["errors"][0]["extensions"];
        assert_eq!(extensions["code"], "SLOW_CONSUMER");
        assert_eq!(socket.message().await, json!({ "type": "complete", "id": "1" }));
        let cursor = &extensions["changeCursor"];
        socket.begin("1", &query, &json!({ "after": cursor })).await;
    }
    assert!(interruptions > 0, "all responses fit into the network buffers");
}

/// A small limit, and large responses for small messages.
fn small(settings: &mut Settings) {
    settings.subscription_buffer = 4;
    settings.query_aliases_max = 40;
}

#[tokio::test]
async fn a_slow_subscriber_can_resume_on_sqlite() {
    let app = TestApp::sqlite_with(small).await;
    assert_slow_subscriber_can_resume(app).await;
}

#[needs(postgres)]
#[tokio::test]
async fn a_slow_subscriber_can_resume_on_postgres() {
    let app = TestApp::postgres_with(small).await;
    assert_slow_subscriber_can_resume(app).await;
}
