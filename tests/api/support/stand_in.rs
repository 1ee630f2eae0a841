//! A server that replaces a vendor or an issuer of tokens. It sends given bytes and records requests.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedRequest {
    /// Path and query.
    pub path: String,
    /// The head of the request.
    pub head: String,
}

pub enum Reply {
    /// Sends these bytes and closes the connection.
    Bytes(Vec<u8>),
    /// Never responds.
    Silence,
}

/// Returns a response with a JSON body.
pub fn json(body: &str) -> Reply {
    answer("200 OK", "content-type: application/json\r\n", body)
}

/// Returns a response with a status and headers. Each header ends with a line break.
pub fn answer(status: &str, headers: &str, body: &str) -> Reply {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n");
    Reply::Bytes([head.as_bytes(), body.as_bytes()].concat())
}

/// Returns a response without its last bytes.
pub fn cut(body: &str) -> Reply {
    let length = body.len() + 40;
    let head =
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
    Reply::Bytes([head.as_bytes(), body.as_bytes()].concat())
}

pub struct StandIn {
    pub url: String,
    requests: Arc<Mutex<Vec<ReceivedRequest>>>,
    silent: Arc<Notify>,
}

impl StandIn {
    /// Starts a server. `respond` returns the response to a request and receives the number of earlier requests.
    pub async fn start(respond: impl Fn(&ReceivedRequest, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (requests, silent) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Notify::new()));
        let (recorded, falls_silent) = (requests.clone(), silent.clone());
        let respond = Arc::new(respond);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (recorded, falls_silent, respond) =
                    (recorded.clone(), falls_silent.clone(), respond.clone());
                tokio::spawn(async move { serve(stream, &recorded, &falls_silent, &*respond).await });
            }
        });
        Self {
            url,
            requests,
            silent,
        }
    }

    /// Returns the paths and queries of all requests.
    pub fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|request| request.path).collect()
    }

    pub fn asked(&self) -> Vec<ReceivedRequest> {
        self.requests.lock().expect("a list").clone()
    }

    /// Clears the recorded requests.
    pub fn forget(&self) {
        self.requests.lock().expect("a list").clear();
    }

    /// Waits until the first request without a response.
    pub async fn falls_silent(&self) {
        self.silent.notified().await;
    }
}

async fn serve(
    mut stream: TcpStream,
    requests: &Mutex<Vec<ReceivedRequest>>,
    silent: &Notify,
    respond: &(dyn Fn(&ReceivedRequest, usize) -> Reply + Send + Sync),
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let one = ReceivedRequest { path, head };
    let before = {
        let mut requests = requests.lock().expect("a list");
        requests.push(one.clone());
        requests.len() - 1
    };
    match respond(&one, before) {
        Reply::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Reply::Silence => {
            silent.notify_one();
            // Waits until the client has disconnected.
            let _ = stream.read_u8().await;
        }
    }
}
