//! The messages of `graphql-transport-ws`.

use std::io::ErrorKind;

use async_graphql::{Response, ServerError};
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::graphql::Sent;

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMessage {
    /// Introduces itself.
    ConnectionInit {
        /// May hold a credential.
        #[serde(default)]
        payload: Option<Value>,
    },
    /// Begins an operation.
    Subscribe {
        /// Its name on this socket.
        id: String,
        /// What is asked.
        payload: Box<Sent>,
    },
    /// Ends an operation.
    Complete {
        /// Its name.
        id: String,
    },
    /// Asks for a sign of life.
    Ping {},
    /// Gives one.
    Pong {},
}

/// What the server says.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage<'a> {
    /// The client is known.
    ConnectionAck,
    /// The operation was not run.
    Error {
        /// The operation's name.
        id: &'a str,
        /// Why.
        payload: &'a [ServerError],
    },
    /// The operation is over.
    Complete {
        /// Its name.
        id: &'a str,
    },
    /// Asks for a sign of life.
    Ping,
    /// Gives one.
    Pong,
}

impl ServerMessage<'_> {
    /// That an operation was not run, as a frame.
    pub fn refused(id: &str, response: &Response) -> Option<Message> {
        let payload = &response.errors;
        ServerMessage::Error { id, payload }.frame()
    }

    /// As a frame; none when it cannot be written as JSON, which cannot happen to what GraphQL answers.
    pub fn frame(&self) -> Option<Message> {
        serde_json::to_string(self)
            .ok()
            .map(|text| Message::Text(text.into()))
    }
}

/// An answer as a frame. It is written already: only the operation's name is put to it.
pub fn next(id: &str, answer: &str) -> Message {
    let mut text = String::with_capacity(answer.len() + id.len() + 40);
    text.push_str(r#"{"type":"next","id":"#);
    text.push_str(&Value::from(id).to_string());
    text.push_str(r#","payload":"#);
    text.push_str(answer);
    text.push('}');
    Message::Text(text.into())
}

/// Why a socket is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// The node goes down: come back.
    GoingAway,
    /// No sign of life, though it was asked for: come back.
    Silent,
    /// Bytes that are not the protocol of sockets.
    ProtocolError,
    /// Text that is not UTF-8.
    NotText,
    /// A message larger than is taken.
    TooLarge,
    /// A message that is none.
    BadRequest,
    /// An operation before the introduction was accepted.
    Unauthorized,
    /// The introduction was not accepted.
    Forbidden,
    /// No introduction in time.
    InitialisationTimeout,
    /// Two operations of one name.
    SubscriberExists,
    /// A second introduction.
    TooManyInitialisations,
    /// The introduction cannot be looked at now: come back.
    TryAgain,
}

impl Close {
    /// For what could not be read.
    pub fn of(error: axum::Error) -> Self {
        match error.into_inner().downcast_ref() {
            Some(tungstenite::Error::Capacity(_)) => Self::TooLarge,
            // More than is let in of somebody unknown.
            Some(tungstenite::Error::Io(error)) if error.kind() == ErrorKind::FileTooLarge => Self::TooLarge,
            Some(tungstenite::Error::Utf8(_)) => Self::NotText,
            _ => Self::ProtocolError,
        }
    }

    /// As a frame. `name` is that of the operation that it is about.
    pub fn frame(self, name: &str) -> Message {
        let (code, reason) = match self {
            Self::GoingAway => (1001, "Going away".to_owned()),
            Self::Silent => (1001, "No sign of life".to_owned()),
            Self::ProtocolError => (1002, "Protocol error".to_owned()),
            Self::NotText => (1007, "Text is not UTF-8".to_owned()),
            Self::TooLarge => (1009, "Message too large".to_owned()),
            Self::BadRequest => (4400, "Invalid message received".to_owned()),
            Self::Unauthorized => (4401, "Unauthorized".to_owned()),
            Self::Forbidden => (4403, "Forbidden".to_owned()),
            Self::InitialisationTimeout => (4408, "Connection initialisation timeout".to_owned()),
            Self::SubscriberExists => (4409, format!("Subscriber for {} already exists", shortened(name))),
            Self::TooManyInitialisations => (4429, "Too many initialisation requests".to_owned()),
            Self::TryAgain => (1013, "Try again later".to_owned()),
        };
        Message::Close(Some(CloseFrame {
            code,
            reason: Utf8Bytes::from(reason),
        }))
    }
}

/// The reason of a close frame has at most 123 bytes.
fn shortened(name: &str) -> String {
    name.chars().take(20).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_and_others_are_not() {
        let read = |text| serde_json::from_str::<ClientMessage>(text);
        assert!(matches!(
            read(r#"{"type":"connection_init"}"#),
            Ok(ClientMessage::ConnectionInit { payload: None })
        ));
        assert!(matches!(
            read(r#"{"type":"ping","payload":{"a":1}}"#),
            Ok(ClientMessage::Ping {})
        ));
        let subscribe = r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":{"x":1}}}"#;
        assert!(matches!(read(subscribe), Ok(ClientMessage::Subscribe { .. })));
        for text in [
            "",
            "{}",
            "[]",
            r#"{"type":"start"}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"complete"}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn answers_have_the_form_of_the_protocol() {
        let Some(Message::Text(text)) = ServerMessage::Complete { id: "7" }.frame() else {
            panic!("text")
        };
        assert_eq!(text.as_str(), r#"{"type":"complete","id":"7"}"#);
        let Message::Text(text) = next("a\"b", r#"{"data":null}"#) else {
            panic!("text")
        };
        assert_eq!(
            text.as_str(),
            r#"{"type":"next","id":"a\"b","payload":{"data":null}}"#
        );
        let Some(Message::Text(text)) = ServerMessage::ConnectionAck.frame() else {
            panic!("text")
        };
        assert_eq!(text.as_str(), r#"{"type":"connection_ack"}"#);
    }
}
