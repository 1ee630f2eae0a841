//! Network behaviour before a request is complete, and clients that are slow, numerous or faulty.

mod body;
mod connection_slots;
mod content;
mod extraction;
mod headers;
mod linger;
mod origin;
mod quota;
mod slow;

use std::time::Duration;

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::support::{Person, TestApp};

/// Maximum time for any action of the server.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A connection for raw bytes.
struct Peer(TcpStream);

impl Peer {
    async fn of(app: &TestApp) -> Self {
        let address = app.url.trim_start_matches("http://");
        Self(TcpStream::connect(address).await.expect("a connection"))
    }

    /// A client that sends requests for more data than the buffers of both sides hold, and reads nothing.
    async fn that_reads_nothing(app: &TestApp, person: &Person, requests: usize) -> Self {
        let body = large_request(app, person).await;
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4096).expect("a small buffer");
        let address = app.url.trim_start_matches("http://").parse().expect("an address");
        let mut peer = Self(socket.connect(address).await.expect("a connection"));
        for _ in 0..requests {
            peer.send(&head(Some(person), body.len())).await;
            peer.send(&body).await;
        }
        peer
    }

    async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.expect("sent");
    }

    /// Reads until the server closes the connection or one response is complete.
    async fn receive(&mut self) -> String {
        let mut heard = Vec::new();
        let mut part = [0; 4096];
        let hearing = async {
            loop {
                let count = self.0.read(&mut part).await.unwrap_or(0);
                heard.extend_from_slice(&part[..count]);
                let text = String::from_utf8_lossy(&heard).into_owned();
                if count == 0 || is_whole(&text) {
                    return text;
                }
            }
        };
        timeout(TIMEOUT, hearing)
            .await
            .expect("the server says something, or ends")
    }

    /// Returns true if the server closes the connection.
    async fn is_ended(&mut self) -> bool {
        self.receive().await.is_empty()
    }
}

/// A request with a response of five megabytes.
async fn large_request(app: &TestApp, person: &Person) -> String {
    let input =
        json!({ "subject": "Long", "customerEmail": "jane@example.com", "body": "x".repeat(250_000) });
    app.write(person, "ticketCreate", json!({ "input": input })).await;
    let fields: String = (0..20)
        .map(|n| {
            format!("t{n}: tickets(first: 1) {{ nodes {{ messages(first: 1) {{ nodes {{ body }} }} }} }} ")
        })
        .collect();
    json!({ "query": format!("{{ {fields} }}") }).to_string()
}

fn is_whole(text: &str) -> bool {
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    // This response has neither a length nor a body.
    if head.starts_with("HTTP/1.1 204") {
        return true;
    }
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    length.is_some_and(|length| body.len() >= length)
}

/// Returns the head of a request with a body of this length.
fn head(person: Option<&Person>, length: usize) -> String {
    let credential = person.map(|person| format!("Authorization: Bearer {}\r\n", person.credential));
    format!(
        "POST /graphql HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n{}Content-Length: {length}\r\n\r\n",
        credential.unwrap_or_default()
    )
}
