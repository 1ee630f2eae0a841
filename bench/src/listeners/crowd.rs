//! Many sockets that only receive and record the time of each result.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{net::TcpStream, sync::Notify, task::JoinSet};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, client::IntoClientRequest, protocol::WebSocketConfig},
};

use crate::failure::{Done, Failure};

/// Number of sockets that are opened concurrently.
const WORKERS: usize = 32;
/// Maximum time until the next result.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Buffer of each socket in bytes. Small, because thousands of clients share the machine with the server.
const BUFFER: usize = 4 << 10;

/// Returns the microseconds since 1970, the same clock as for commits of the database.
#[expect(clippy::disallowed_methods, reason = "what is measured is real time")]
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// A received result.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub cursor: String,
    /// Time of receipt, in microseconds since 1970.
    pub at: i64,
}

/// The results of all sockets.
#[derive(Clone, Debug, Default)]
struct Received {
    receipts: Arc<Mutex<Vec<Receipt>>>,
    count: Arc<AtomicU64>,
    /// Number of results that `until` waits for.
    wanted: Arc<AtomicU64>,
    enough: Arc<Notify>,
    first: Arc<Mutex<String>>,
    /// Messages that are neither results nor keep-alive messages.
    odd: Arc<Mutex<Vec<String>>>,
}

/// Sockets that receive until they are dropped.
#[derive(Debug)]
pub struct Crowd {
    heard: Received,
    _tasks: JoinSet<()>,
}

/// The server of a crowd.
#[derive(Clone, Debug)]
pub struct Source {
    /// Host and port.
    pub address: String,
    /// Token of the subscriber.
    pub token: String,
}

impl Crowd {
    /// Opens a socket with one operation for each body.
    pub async fn open(source: &Source, bodies: Vec<Value>) -> Done<Self> {
        let heard = Received::default();
        let mut tasks = JoinSet::new();
        let mut bodies = bodies.into_iter();
        loop {
            let mut opening = JoinSet::new();
            for body in bodies.by_ref().take(WORKERS) {
                let source = source.clone();
                opening.spawn(async move { open(&source, &body).await });
            }
            if opening.is_empty() {
                break;
            }
            while let Some(opened) = opening.join_next().await {
                tasks.spawn(listen(opened??, heard.clone()));
            }
        }
        Ok(Self { heard, _tasks: tasks })
    }

    /// Returns the number of results since the start.
    pub fn count(&self) -> u64 {
        self.heard.count.load(Ordering::Relaxed)
    }

    /// Waits until this number of results since the start is reached.
    pub async fn until(&self, count: u64) -> Done {
        self.heard.wanted.store(count, Ordering::SeqCst);
        while self.heard.count.load(Ordering::SeqCst) < count {
            let told = tokio::time::timeout(TIMEOUT, self.heard.enough.notified()).await;
            if let Some(odd) = self.odd() {
                return Err(Failure(format!("a listener received {odd}")));
            }
            if told.is_err() {
                let came = self.count();
                return Err(Failure(format!("only {came} of {count} results were received")));
            }
        }
        Ok(())
    }

    /// Removes and returns the results since the last call.
    pub fn take(&self) -> Vec<Receipt> {
        std::mem::take(&mut *self.heard.receipts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the text of the first result.
    pub fn first_text(&self) -> String {
        self.heard
            .first
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn odd(&self) -> Option<String> {
        let odd = self.heard.odd.lock().unwrap_or_else(PoisonError::into_inner);
        odd.first().cloned()
    }
}

async fn open(source: &Source, body: &Value) -> Done<WebSocketStream<TcpStream>> {
    let tcp = TcpStream::connect(&source.address).await?;
    tcp.set_nodelay(true)?;
    let mut request = format!("ws://{}/graphql", source.address).into_client_request()?;
    let protocol = "graphql-transport-ws".parse()?;
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let config = WebSocketConfig::default()
        .read_buffer_size(BUFFER)
        .write_buffer_size(0);
    let (mut socket, _) = client_async_with_config(request, tcp, Some(config)).await?;
    let payload = json!({ "Authorization": format!("Bearer {}", source.token) });
    let init = json!({ "type": "connection_init", "payload": payload });
    socket.send(Message::text(init.to_string())).await?;
    match socket.next().await {
        Some(Ok(Message::Text(text))) if text.contains("connection_ack") => {}
        other => return Err(Failure(format!("not acknowledged: {other:?}"))),
    }
    let subscribe = json!({ "type": "subscribe", "id": "1", "payload": body });
    socket.send(Message::text(subscribe.to_string())).await?;
    Ok(socket)
}

async fn listen(mut socket: WebSocketStream<TcpStream>, heard: Received) {
    let mut is_first = true;
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        let at = now();
        match cursor(&text) {
            Some(cursor) => {
                let receipt = Receipt {
                    cursor: cursor.to_owned(),
                    at,
                };
                if is_first {
                    is_first = false;
                    heard
                        .first
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push_str(&text);
                }
                heard
                    .receipts
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(receipt);
                let count = heard.count.fetch_add(1, Ordering::SeqCst) + 1;
                if count >= heard.wanted.load(Ordering::SeqCst) {
                    heard.enough.notify_one();
                }
            }
            None if text.contains(r#""type":"ping""#) => {
                if socket.send(Message::text(r#"{"type":"pong"}"#)).await.is_err() {
                    return;
                }
            }
            None => {
                heard
                    .odd
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(text.to_string());
                heard.enough.notify_one();
            }
        }
    }
}

/// Returns the cursor in a result. A text search, because parsing JSON would cost more than sending did.
fn cursor(answer: &str) -> Option<&str> {
    const NAME: &str = r#""changeCursor":""#;
    if !answer.starts_with(r#"{"type":"next""#) || answer.contains(r#""errors":"#) {
        return None;
    }
    let (_, rest) = answer.split_once(NAME)?;
    rest.split_once('"').map(|(cursor, _)| cursor)
}
