//! The messages of `graphql-transport-ws`.

use std::io::ErrorKind;

use async_graphql::{Response, ServerError};
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::request::Sent;

/// A message of the client.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMessage {
    /// Opens the session.
    ConnectionInit {
        /// May contain a credential.
        #[serde(default)]
        payload: Option<Value>,
    },
    /// Starts an operation.
    Subscribe {
        /// Id of the operation, chosen by the client.
        id: String,
        payload: Box<Sent>,
    },
    /// Stops an operation.
    Complete { id: String },
    /// Requests a pong.
    Ping {},
    /// Responds to a ping.
    Pong {},
}

/// A message of the server.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage<'a> {
    /// The session is open.
    ConnectionAck,
    /// The operation was not executed or has failed.
    Error { id: &'a str, payload: &'a [ServerError] },
    /// The operation has ended.
    Complete { id: &'a str },
    /// Requests a pong.
    Ping,
    /// Responds to a ping.
    Pong,
}

impl ServerMessage<'_> {
    /// The frame that reports the errors of an operation.
    pub fn refused(id: &str, response: &Response) -> Option<Message> {
        let payload = &response.errors;
        ServerMessage::Error { id, payload }.frame()
    }

    /// The message as a frame. `None` if it cannot be serialized, which does not happen for GraphQL
    /// responses.
    pub fn frame(&self) -> Option<Message> {
        serde_json::to_string(self)
            .ok()
            .map(|text| Message::Text(text.into()))
    }
}

/// A response as a frame. Adds the operation id to the serialized response.
pub fn next(id: &str, answer: &str) -> Message {
    let mut text = String::with_capacity(answer.len() + id.len() + 40);
    text.push_str(r#"{"type":"next","id":"#);
    text.push_str(&Value::from(id).to_string());
    text.push_str(r#","payload":"#);
    text.push_str(answer);
    text.push('}');
    Message::Text(text.into())
}

/// Reason for closing a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// The node stops. The client should reconnect.
    GoingAway,
    /// The client sent nothing after a ping. It should reconnect.
    Silent,
    /// The bytes violate the WebSocket protocol.
    ProtocolError,
    /// A text frame is not UTF-8.
    NotText,
    /// A message exceeds the maximum size.
    TooLarge,
    /// A message is not part of the protocol.
    BadRequest,
    /// An operation was sent before `connection_ack`.
    Unauthorized,
    /// The credential was rejected.
    Forbidden,
    /// `connection_init` did not arrive within the timeout.
    InitialisationTimeout,
    /// The id of an operation is already in use.
    SubscriberExists,
    /// A second `connection_init` was sent.
    TooManyInitialisations,
    /// The credential cannot be checked now, or the viewer has too many sockets. The client should reconnect
    /// later.
    TryAgain,
}

impl Close {
    /// The reason for an error of the WebSocket library.
    pub fn of(error: axum::Error) -> Self {
        match error.into_inner().downcast_ref() {
            Some(tungstenite::Error::Capacity(_)) => Self::TooLarge,
            // More than is accepted from a client that is not authenticated.
            Some(tungstenite::Error::Io(error)) if error.kind() == ErrorKind::FileTooLarge => Self::TooLarge,
            Some(tungstenite::Error::Utf8(_)) => Self::NotText,
            _ => Self::ProtocolError,
        }
    }

    /// The close frame. `name` is the id of the operation concerned.
    pub fn frame(self, name: &str) -> Message {
        let (code, reason) = match self {
            Self::GoingAway => (1001, "Going away".to_owned()),
            Self::Silent => (1001, "No response to ping".to_owned()),
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

/// Shortens an operation id, because the reason in a close frame has at most 123 bytes.
fn shortened(name: &str) -> String {
    name.chars().take(20).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_protocol_messages_are_parsed() {
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
    fn responses_have_the_form_of_the_protocol() {
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
