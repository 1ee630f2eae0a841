//! A subscription over a WebSocket with `graphql-transport-ws`.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest},
};

use super::{StreamEvent, Subscription, refused};
use crate::failure::{Done, Failure};

/// Id of the operation.
const NAME: &str = "1";

/// A WebSocket with one operation.
#[derive(Debug)]
pub struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    /// Connects to a node with a credential and subscribes to all events behind a cursor.
    pub async fn open(address: &str, token: &str, subscription: &Subscription, after: &str) -> Done<Self> {
        // The kind of connection error does not matter.
        let lost = || Failure("not connected".to_owned());
        let tcp = TcpStream::connect(address).await.map_err(|_| lost())?;
        tcp.set_nodelay(true)?;
        let mut request = format!("ws://{address}/graphql").into_client_request()?;
        let protocol = "graphql-transport-ws".parse()?;
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let (stream, _) = client_async(request, tcp).await.map_err(|_| lost())?;
        let mut socket = Self(stream);
        let payload = json!({ "Authorization": format!("Bearer {token}") });
        socket
            .say(&json!({ "type": "connection_init", "payload": payload }))
            .await?;
        match socket.hear().await {
            Ok(message) if message["type"] == "connection_ack" => {}
            Ok(message) => return Err(Failure(format!("not acknowledged: {message}"))),
            Err(over) => return Err(Failure(over)),
        }
        let payload = subscription.body(after);
        socket
            .say(&json!({ "type": "subscribe", "id": NAME, "payload": payload }))
            .await?;
        Ok(socket)
    }

    /// Returns the next message. Cancellation-safe.
    pub async fn next(&mut self, subscription: &Subscription) -> StreamEvent {
        let message = match self.hear().await {
            Ok(message) => message,
            Err(over) => return StreamEvent::Over(over),
        };
        match message["type"].as_str() {
            Some("next") => subscription.read(&message["payload"]),
            Some("error") => refused(&message["payload"][0]),
            Some("complete") => StreamEvent::Over("complete".to_owned()),
            _ => StreamEvent::Nonsense(message.to_string()),
        }
    }

    /// Closes the connection without a close message. The server receives a TCP reset.
    pub fn cut(self) {
        // Without this option, the connection would be closed in the usual way.
        let _ = self.0.get_ref().set_zero_linger();
    }

    async fn say(&mut self, message: &Value) -> Done {
        let sent = self.0.send(Message::text(message.to_string())).await;
        sent.map_err(|_| Failure("connection lost".to_owned()))
    }

    /// Returns the next message other than keep-alive messages, or the reason why there is none.
    async fn hear(&mut self) -> Result<Value, String> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => {
                    let message: Value = serde_json::from_str(&text).map_err(|_| "no JSON".to_owned())?;
                    match message["type"].as_str() {
                        Some("ping") => {
                            let pong = json!({ "type": "pong" });
                            self.say(&pong).await.map_err(|_| "connection lost".to_owned())?;
                        }
                        Some("pong") => {}
                        _ => return Ok(message),
                    }
                }
                Some(Ok(Message::Close(frame))) => {
                    let code = frame.map_or(1005, |frame| frame.code.into());
                    return Err(format!("closed with {code}"));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err("connection lost".to_owned()),
            }
        }
    }
}
