//! Clients as others write them: questions over HTTP, and subscriptions over sockets and event streams.

pub mod http;
pub mod sse;
pub mod ws;

use serde_json::{Value, json};

pub use http::{Answer, Client};

/// A subscription, but for the position behind which it begins.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// The document, with a variable `$after`.
    pub query: String,
    /// Its variables.
    pub variables: Value,
    /// Its root field.
    pub field: &'static str,
    /// The field below that names the thing.
    pub id: &'static str,
}

impl Subscription {
    /// The body of a request for everything behind a position.
    fn body(&self, after: &str) -> Value {
        let mut variables = self.variables.clone();
        variables["after"] = Value::from(after);
        json!({ "query": self.query, "variables": variables })
    }

    /// What an answer says.
    fn read(&self, answer: &Value) -> Heard {
        if let Some(error) = answer["errors"].as_array().and_then(|errors| errors.first()) {
            return refused(error);
        }
        let event = &answer["data"][self.field];
        match (event["cursor"].as_str(), event[self.id].as_str()) {
            (Some(cursor), Some(object)) => Heard::Event {
                cursor: cursor.to_owned(),
                object: object.to_owned(),
            },
            _ => Heard::Nonsense(answer.to_string()),
        }
    }
}

/// What a subscriber hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Something happened.
    Event {
        /// Its place in the log.
        cursor: String,
        /// The id of what it happened to.
        object: String,
    },
    /// The stream ends with an error.
    Refused {
        /// Its code.
        code: String,
        /// What it says.
        message: String,
        /// Behind which position to go on.
        cursor: Option<String>,
    },
    /// The stream is over: why, in a few words that are the same for the same cause.
    Over(String),
    /// Something that the protocol or the schema does not know.
    Nonsense(String),
}

fn refused(error: &Value) -> Heard {
    let extensions = &error["extensions"];
    let text = |value: &Value| value.as_str().map(str::to_owned);
    Heard::Refused {
        code: text(&extensions["code"]).unwrap_or_else(|| "no code".to_owned()),
        message: text(&error["message"]).unwrap_or_default(),
        cursor: text(&extensions["cursor"]),
    }
}

/// An open subscription, over one of the two protocols.
#[derive(Debug)]
pub enum Stream {
    /// `graphql-transport-ws`.
    Socket(Box<ws::Socket>),
    /// Server-sent events.
    Events(sse::Events),
}

impl Stream {
    /// What comes next. May be dropped and asked again.
    pub async fn next(&mut self, subscription: &Subscription) -> Heard {
        match self {
            Self::Socket(socket) => socket.next(subscription).await,
            Self::Events(events) => events.next(subscription).await,
        }
    }

    /// Drops the connection with no word.
    pub fn cut(self) {
        match self {
            Self::Socket(socket) => socket.cut(),
            Self::Events(events) => drop(events),
        }
    }
}
