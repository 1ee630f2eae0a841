//! Limits of requests over every transport, and the cost that responses report.

mod batch;
mod cost;
mod rate;
mod refused;

use serde_json::{Value, json};

use crate::support::{Answer, Person, TestApp};

/// Returns code, limit, figure and bound of an error.
fn limit_of(error: &Value) -> Value {
    let extensions = &error["extensions"];
    let values = ["code", "limit", "found", "max"].map(|name| extensions[name].clone());
    Value::from(values.to_vec())
}

/// Sends a query over HTTP, on a socket and in a stream. Returns the only error of each response.
async fn everywhere(app: &TestApp, person: &Person, query: &str) -> [Value; 3] {
    let http = app.ask(person, query, json!({})).await.body["errors"].clone();
    let mut socket = app.socket(person).await;
    socket.begin("1", query, &json!({})).await;
    let message = socket.message().await;
    assert_eq!(message["type"], "error", "{message}");
    socket.close().await;
    let mut events = app.stream(person, &json!({ "query": query }), &[]).await;
    let event = events.next().await.expect("an event").json();
    [http, message["payload"].clone(), event["errors"].clone()].map(|errors| {
        assert_eq!(errors.as_array().expect("errors").len(), 1, "{errors}");
        errors[0].clone()
    })
}

/// Sends a query whose response reports the cost.
async fn with_cost(app: &TestApp, person: &Person, query: &str, variables: Value) -> Answer {
    let body = json!({ "query": query, "variables": variables, "extensions": { "cost": true } });
    Answer::read(app.post(Some(&person.credential), &body.to_string()).await).await
}
