//! Settings for public servers: introspection, the explorer, trusted documents.

mod explorer;
mod introspection;
mod names;
mod remembered;
mod trusted;

use serde_json::{Value, json};

use crate::support::{Answer, Person, TestApp};

/// Sends a request over each transport: POST, GET, WebSocket, event stream.
async fn everywhere(app: &TestApp, person: &Person, request: &Value) -> [Value; 4] {
    let posted = Answer::read(app.post(Some(&person.credential), &request.to_string()).await).await;
    let got = Answer::read(get(app, person, request).await).await;
    let mut socket = app.socket(person).await;
    socket
        .send(&json!({ "type": "subscribe", "id": "1", "payload": request }))
        .await;
    let message = socket.message().await;
    socket.close().await;
    let heard = match message["type"].as_str() {
        Some("error") => json!({ "errors": message["payload"] }),
        _ => message["payload"].clone(),
    };
    let mut events = app.stream(person, request, &[]).await;
    let event = events.next().await.expect("an event").json();
    [posted.body, got.body, heard, event]
}

async fn get(app: &TestApp, person: &Person, request: &Value) -> reqwest::Response {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let parameters = request.as_object().expect("a request");
    let parameters: Vec<_> = parameters
        .iter()
        .map(|(name, value)| (name.as_str(), text(value)))
        .collect();
    let url =
        reqwest::Url::parse_with_params(&format!("{}/graphql", app.url), &parameters).expect("an address");
    let request = app.http().get(url).bearer_auth(&person.credential);
    request.send().await.expect("an answer")
}

/// Returns code and message of the only error of a response without data.
fn refused(answer: &Value) -> (String, String) {
    let errors = answer["errors"]
        .as_array()
        .unwrap_or_else(|| panic!("no error: {answer}"));
    let [error] = errors.as_slice() else {
        panic!("several errors: {answer}")
    };
    assert_eq!(
        answer.get("data").unwrap_or(&Value::Null),
        &Value::Null,
        "{answer}"
    );
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    (text(&error["extensions"]["code"]), text(&error["message"]))
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), text).expect("written");
    file
}
