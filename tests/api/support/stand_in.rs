//! A server that stands in for a vendor, or for an issuer of tokens: says byte by byte what it is told to say, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Path and query.
    pub path: String,
    /// The whole head.
    pub head: String,
}

/// What to say.
pub enum Reply {
    /// These bytes; then the connection ends.
    Bytes(Vec<u8>),
    /// Nothing, for ever.
    Silence,
}

/// An answer with a body of JSON.
pub fn json(body: &str) -> Reply {
    answer("200 OK", "content-type: application/json\r\n", body)
}

/// An answer with a status and headers, each with its line end.
pub fn answer(status: &str, headers: &str, body: &str) -> Reply {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n");
    Reply::Bytes([head.as_bytes(), body.as_bytes()].concat())
}

/// An answer that ends before its last bytes.
pub fn cut(body: &str) -> Reply {
    let length = body.len() + 40;
    let head =
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
    Reply::Bytes([head.as_bytes(), body.as_bytes()].concat())
}

/// The server.
pub struct StandIn {
    /// Where it listens.
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    silent: Arc<Notify>,
}

impl StandIn {
    /// Says what a function makes of what is asked, and of how many requests there were before.
    pub async fn start(say: impl Fn(&Asked, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (asked, silent) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Notify::new()));
        let (heard, falls_silent) = (asked.clone(), silent.clone());
        let say = Arc::new(say);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (heard, falls_silent, say) = (heard.clone(), falls_silent.clone(), say.clone());
                tokio::spawn(async move { serve(stream, &heard, &falls_silent, &*say).await });
            }
        });
        Self { url, asked, silent }
    }

    /// Paths and queries that were asked for.
    pub fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.path).collect()
    }

    /// What was asked.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("a list").clone()
    }

    /// Forgets it.
    pub fn forget(&self) {
        self.asked.lock().expect("a list").clear();
    }

    /// Waits until it was silent for the first time.
    pub async fn falls_silent(&self) {
        self.silent.notified().await;
    }
}

async fn serve(
    mut stream: TcpStream,
    asked: &Mutex<Vec<Asked>>,
    silent: &Notify,
    say: &(dyn Fn(&Asked, usize) -> Reply + Send + Sync),
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let one = Asked { path, head };
    let before = {
        let mut asked = asked.lock().expect("a list");
        asked.push(one.clone());
        asked.len() - 1
    };
    match say(&one, before) {
        Reply::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
        Reply::Silence => {
            silent.notify_one();
            // Until the other side is gone.
            let _ = stream.read_u8().await;
        }
    }
}
