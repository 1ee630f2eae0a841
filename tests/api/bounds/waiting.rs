//! Responses that a viewer does not read: the same limit applies on all transports.

use serde_json::{Value, json};

use crate::support::{Person, TestApp, on_each_database};

const CREATE: &str =
    "mutation ($input: TicketCreateInput!) { ticketCreate(input: $input) { ticket { id } changeCursor } }";

/// A query with a response of twelve megabytes, more than network buffers hold.
async fn large(app: &TestApp, person: &Person) -> String {
    for _ in 0..2 {
        let input =
            json!({ "subject": "Long", "customerEmail": "jane@example.com", "body": "x".repeat(200_000) });
        app.ask(person, CREATE, json!({ "input": input })).await.data();
    }
    let fields: String = (0..30).map(|n| format!("b{n}: body ")).collect();
    format!("{{ tickets {{ nodes {{ messages(first: 1) {{ nodes {{ {fields} }} }} }} }} }}")
}

/// Waits until the memory of the viewer is released.
async fn wait_for_memory(app: &TestApp, person: &Person, query: &str) {
    let body = json!({ "query": query }).to_string();
    while app.post(Some(&person.credential), &body).await.status() != 200 {}
}

async fn unread_event_streams_are_counted(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let other = app.agent(workspace, "Other").await;
    let query = large(&app, &admin).await;
    let mut unread = Vec::new();
    loop {
        let request = app
            .another_client()
            .post(format!("{}/graphql", app.url))
            .bearer_auth(&admin.credential)
            .header("accept", "text/event-stream")
            .json(&json!({ "query": query }));
        let mut response = request.send().await.expect("an answer");
        let mut begin = Vec::new();
        // Reads only the start of the event.
        while !String::from_utf8_lossy(&begin).contains("data:") {
            begin.extend(response.chunk().await.expect("a part").expect("more"));
        }
        if String::from_utf8_lossy(&begin).contains("RATE_LIMITED") {
            break;
        }
        unread.push(response);
        assert!(unread.len() < 20, "no request was rejected");
    }
    assert!(!unread.is_empty());
    let body = json!({ "query": query }).to_string();
    assert_eq!(app.post(Some(&other.credential), &body).await.status(), 200);
    drop(unread);
    wait_for_memory(&app, &admin, &query).await;
}

async fn unread_sockets_are_counted(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let other = app.agent(workspace, "Other").await;
    let query = large(&app, &admin).await;
    let body = json!({ "query": query }).to_string();
    let mut unread = Vec::new();
    loop {
        let mut socket = app.socket(&admin).await;
        for id in ["1", "2"] {
            socket.begin(id, &query, &json!({})).await;
        }
        unread.push(socket);
        if app.post(Some(&admin.credential), &body).await.status() == 429 {
            break;
        }
        assert!(unread.len() < 20, "no request was rejected");
    }
    assert_eq!(app.post(Some(&other.credential), &body).await.status(), 200);
    drop(unread);
    wait_for_memory(&app, &admin, &query).await;
}

pub async fn an_oversized_event_ends_the_subscription_with_its_cursor(app: TestApp) {
    let (_, admin) = app.admin().await;
    let fields: String = (0..30).map(|n| format!("b{n}: body ")).collect();
    let mut socket = app.socket(&admin).await;
    let watch =
        format!("subscription ($after: ChangeCursor) {{ messageAdded(after: $after) {{ {fields} }} }}");
    let create = async |text: &str| {
        let input = json!({ "subject": "Long", "customerEmail": "jane@example.com", "body": text });
        let data = app.ask(&admin, CREATE, json!({ "input": input })).await.data();
        data["ticketCreate"]["changeCursor"].clone()
    };
    let before = create("before").await;
    create("short").await;
    socket.begin("1", &watch, &json!({ "after": before })).await;
    // After the replay, the subscription is live.
    assert_eq!(socket.data("1").await["messageAdded"]["b0"], "short");
    create(&"\u{1}".repeat(100_000)).await;
    let message = socket.message().await;
    let extensions = &message["payload"]["errors"][0]["extensions"];
    assert_eq!(extensions["code"], "ANSWER_TOO_LARGE", "{message}");
    assert!(extensions["changeCursor"].is_string(), "{message}");
    assert_eq!(message["payload"]["data"], Value::Null);
    assert_eq!(socket.message().await, json!({ "type": "complete", "id": "1" }));
}

on_each_database!(unread_event_streams_are_counted, unread_sockets_are_counted,);

mod small {
    use super::*;

    on_each_database!(with crate::bounds::small;
        an_oversized_event_ends_the_subscription_with_its_cursor,
    );
}
