//! Clients like those of users: queries over HTTP, and subscriptions over a WebSocket or an event stream.

pub mod http;
pub mod sse;
pub mod ws;

use serde_json::{Value, json};

pub use http::{Answer, Client};

/// A subscription without its start position.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// The document. It has a variable `$after`.
    pub query: String,
    /// The other variables.
    pub variables: Value,
    /// Name of the root field.
    pub field: &'static str,
    /// Field below the root field that contains the id of the object.
    pub id: &'static str,
}

impl Subscription {
    /// Returns the body of a request for all events behind a cursor.
    fn body(&self, after: &str) -> Value {
        let mut variables = self.variables.clone();
        variables["after"] = Value::from(after);
        json!({ "query": self.query, "variables": variables })
    }

    /// Parses a response.
    fn read(&self, answer: &Value) -> StreamEvent {
        if let Some(error) = answer["errors"].as_array().and_then(|errors| errors.first()) {
            return refused(error);
        }
        let event = &answer["data"][self.field];
        match (event["changeCursor"].as_str(), event[self.id].as_str()) {
            (Some(cursor), Some(object)) => StreamEvent::Event {
                cursor: cursor.to_owned(),
                object: object.to_owned(),
            },
            _ => StreamEvent::Nonsense(answer.to_string()),
        }
    }
}

/// A message to a subscriber.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamEvent {
    Event {
        cursor: String,
        /// Id of the changed object.
        object: String,
    },
    /// An error that ends the stream.
    Refused {
        code: String,
        message: String,
        /// Cursor to resume from.
        cursor: Option<String>,
    },
    /// The stream ended. The reason is short, and equal for equal causes, so that it can be counted.
    Over(String),
    /// A message that the protocol or the schema does not allow.
    Nonsense(String),
}

fn refused(error: &Value) -> StreamEvent {
    let extensions = &error["extensions"];
    let text = |value: &Value| value.as_str().map(str::to_owned);
    StreamEvent::Refused {
        code: text(&extensions["code"]).unwrap_or_else(|| "no code".to_owned()),
        message: text(&error["message"]).unwrap_or_default(),
        cursor: text(&extensions["changeCursor"]),
    }
}

/// An open subscription, over one of two protocols.
#[derive(Debug)]
pub enum Stream {
    /// The WebSocket protocol `graphql-transport-ws`.
    Socket(Box<ws::Socket>),
    /// Server-sent events.
    Events(sse::Events),
}

impl Stream {
    /// Returns the next message. Cancellation-safe.
    pub async fn next(&mut self, subscription: &Subscription) -> StreamEvent {
        match self {
            Self::Socket(socket) => socket.next(subscription).await,
            Self::Events(events) => events.next(subscription).await,
        }
    }

    /// Closes the connection without a close message.
    pub fn cut(self) {
        match self {
            Self::Socket(socket) => socket.cut(),
            Self::Events(events) => drop(events),
        }
    }
}
