//! A client for server-sent events.

use std::time::Duration;

use serde_json::Value;

use super::{Person, TestApp, plain};

/// Maximum lifetime of a stream. Longer than the time that a test waits for an event.
const TIMEOUT: Duration = Duration::from_mins(2);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    pub name: String,
    /// Id of the event. Empty if it has none.
    pub id: String,
    pub data: String,
}

impl Event {
    pub fn json(&self) -> Value {
        let json = serde_json::from_str(&self.data).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        plain::check(&json);
        json
    }
}

/// A stream of events.
pub struct Events {
    response: reqwest::Response,
    text: String,
}

impl TestApp {
    /// Opens a stream by POST.
    pub async fn stream(&self, person: &Person, body: &Value, headers: &[(&str, &str)]) -> Events {
        let request = self.http().post(format!("{}/graphql", self.url));
        let request = request
            .timeout(TIMEOUT)
            .bearer_auth(&person.credential)
            .header("content-type", "application/json")
            .header("accept", "text/event-stream");
        let request = headers
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, *value));
        let response = request.body(body.to_string()).send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Events::of(response)
    }
}

impl Events {
    pub fn of(response: reqwest::Response) -> Self {
        Self {
            response,
            text: String::new(),
        }
    }

    /// Returns the next event. `None` at the end. Skips keep-alive comments. Panics if the stream exceeds its maximum
    /// lifetime, because the server has then not ended it.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                if let Some(event) = read(block.trim_end()) {
                    return Some(event);
                }
                continue;
            }
            let chunk = match self.response.chunk().await {
                Ok(chunk) => chunk?,
                Err(error) => {
                    assert!(!error.is_timeout(), "no event for too long");
                    return None;
                }
            };
            self.text.push_str(std::str::from_utf8(&chunk).expect("UTF-8"));
        }
    }
}

fn read(block: &str) -> Option<Event> {
    let mut event = Event::default();
    let mut is_event = false;
    for line in block.lines().filter(|line| !line.starts_with(':')) {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value).to_owned();
        is_event = true;
        match field {
            "event" => event.name = value,
            "id" => event.id = value,
            "data" => event.data = value,
            other => panic!("unexpected field: {other}"),
        }
    }
    is_event.then_some(event)
}
