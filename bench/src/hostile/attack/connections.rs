//! Attacks on connections and buffers.

use std::time::Duration;

use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{Instant, sleep},
};

use super::{Answers, Attack, Target};

pub const ATTACKS: &[Attack] = &[
    Attack {
        name: "dripping-bodies",
        about: "slow request bodies without a length",
        bounds: &["BODIES_BYTES_MAX", "BODIES_BYTES_PER_VIEWER"],
        run: |target| Box::pin(drip(target)),
    },
    Attack {
        name: "silent",
        about: "idle connections, as many as this process may open",
        bounds: &[],
        run: |target| Box::pin(silent(target)),
    },
];

/// Opens connections without sending, and replaces those that are closed.
async fn silent(target: Target) -> Answers {
    let until = Instant::now() + target.time;
    let mut open = Vec::new();
    let mut refused = 0;
    while Instant::now() < until {
        for _ in 0..100 {
            match TcpStream::connect(&target.address).await {
                Ok(stream) if open.len() < 5_000 => open.push(stream),
                Ok(_) => {}
                Err(_) => refused += 1,
            }
        }
        sleep(Duration::from_millis(100)).await;
    }
    Answers::from([("open".to_owned(), open.len()), ("refused".to_owned(), refused)])
}

/// Starts request bodies of a megabyte and sends one byte of each at intervals.
async fn drip(target: Target) -> Answers {
    let head = target.head("*/*", "Transfer-Encoding: chunked");
    let mut open = Vec::new();
    for _ in 0..64 {
        if let Ok(mut stream) = TcpStream::connect(&target.address).await {
            let _ = stream.write_all(head.as_bytes()).await;
            open.push(stream);
        }
    }
    let until = Instant::now() + target.time;
    let chunk = format!("8000\r\n{}\r\n", " ".repeat(0x8000));
    while Instant::now() < until {
        for stream in &mut open {
            let _ = stream.write_all(chunk.as_bytes()).await;
        }
        sleep(Duration::from_millis(100)).await;
    }
    Answers::from([("open".to_owned(), open.len())])
}
