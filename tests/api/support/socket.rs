//! A client for `graphql-transport-ws`.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

use super::{Person, TestApp, plain};

/// Maximum time for any action of the server.
const TIMEOUT: Duration = Duration::from_mins(1);
const PROTOCOL: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");

/// The next event on a socket.
#[derive(Debug, PartialEq, Eq)]
pub enum SocketEvent {
    /// A message. Keep-alive messages are skipped.
    Message(Value),
    /// The close code of the server. `None` if the connection ended without one.
    Closed(Option<u16>),
}

pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl TestApp {
    /// Opens a socket. `Err` contains the status of a rejection.
    pub async fn upgrade(&self, headers: &[(&'static str, &str)]) -> Result<Socket, u16> {
        let url = format!("{}/graphql", self.url.replacen("http", "ws", 1));
        let mut request = url.into_client_request().expect("a request");
        for (name, value) in headers {
            request
                .headers_mut()
                .insert(*name, value.parse().expect("a value"));
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Socket(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("no socket: {error}"),
        }
    }

    /// Opens a socket without `connection_init`.
    pub async fn unknown_socket(&self) -> Socket {
        self.upgrade(&[PROTOCOL]).await.expect("a socket")
    }

    /// Opens a socket as a viewer.
    pub async fn socket(&self, person: &Person) -> Socket {
        let mut socket = self.unknown_socket().await;
        socket.introduce(&person.credential).await;
        assert_eq!(socket.message().await, json!({ "type": "connection_ack" }));
        socket
    }
}

impl Socket {
    /// Sends `connection_init`.
    pub async fn introduce(&mut self, credential: &str) {
        let payload = json!({ "Authorization": format!("Bearer {credential}") });
        self.send(&json!({ "type": "connection_init", "payload": payload }))
            .await;
    }

    pub async fn begin(&mut self, id: &str, query: &str, variables: &Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.send(&json!({ "type": "subscribe", "id": id, "payload": payload }))
            .await;
    }

    pub async fn complete(&mut self, id: &str) {
        self.send(&json!({ "type": "complete", "id": id })).await;
    }

    /// Sends a ping and waits for the response. The server has then handled all earlier messages. Panics if the next
    /// message is another one.
    pub async fn wait_for_pong(&mut self) {
        self.send(&json!({ "type": "ping" })).await;
        assert_eq!(self.message().await, json!({ "type": "pong" }));
    }

    pub async fn close(mut self) {
        // The connection may already be closed.
        let _ = self.0.close(None).await;
    }

    pub async fn send(&mut self, message: &Value) {
        self.send_frame(Message::text(message.to_string())).await;
    }

    /// Sends a frame unchanged. Ignores errors, because a closed connection is detected by the next read.
    pub async fn send_frame(&mut self, frame: Message) {
        let _ = self.0.send(frame).await;
    }

    pub async fn receive(&mut self) -> SocketEvent {
        // Keep-alive messages arrive within the timeout and do not extend it.
        let next = tokio::time::timeout(TIMEOUT, self.next()).await;
        next.expect("the server sent nothing in time")
    }

    async fn next(&mut self) -> SocketEvent {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => {
                    let message: Value = serde_json::from_str(&text).expect("JSON");
                    plain::check(&message);
                    if message["type"] != "ping" {
                        return SocketEvent::Message(message);
                    }
                }
                Some(Ok(Message::Close(frame))) => {
                    return SocketEvent::Closed(frame.map(|frame| frame.code.into()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return SocketEvent::Closed(None),
            }
        }
    }

    pub async fn message(&mut self) -> Value {
        match self.receive().await {
            SocketEvent::Message(message) => message,
            SocketEvent::Closed(code) => panic!("closed with {code:?}"),
        }
    }

    /// Returns the data of the next result of an operation.
    pub async fn data(&mut self, id: &str) -> Value {
        let message = self.message().await;
        let payload = &message["payload"];
        assert_eq!(
            (&message["type"], &message["id"], payload.get("errors")),
            (&json!("next"), &json!(id), None),
            "{message}"
        );
        payload["data"].clone()
    }

    /// Returns code and argument of the error in the next message, as `BAD_USER_INPUT after`.
    pub async fn refusal(&mut self, id: &str) -> String {
        let message = self.message().await;
        assert_eq!(
            (&message["type"], &message["id"]),
            (&json!("error"), &json!(id)),
            "{message}"
        );
        let extensions = &message["payload"][0]["extensions"];
        let parts = [&extensions["code"], &extensions["argument"]];
        let parts: Vec<_> = parts.iter().filter_map(|part| part.as_str()).collect();
        parts.join(" ")
    }

    /// Returns the close code. Panics if the next event is a message.
    pub async fn close_code(&mut self) -> u16 {
        match self.receive().await {
            SocketEvent::Closed(Some(code)) => code,
            other => panic!("not closed with a code: {other:?}"),
        }
    }
}
