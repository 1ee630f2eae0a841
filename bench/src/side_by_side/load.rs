//! Generates load: several connections, each with one request at a time, for a fixed time.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use tokio::{sync::oneshot, task::JoinSet};

use super::wire::Wire;
use crate::failure::{Done, Failure};

/// Requests in wire format, which are sent repeatedly.
#[derive(Clone, Debug)]
pub struct Requests {
    /// Host and port.
    pub address: String,
    /// The requests, in the order in which they are sent.
    pub bytes: Arc<[Vec<u8>]>,
}

/// Result of a measurement.
#[derive(Clone, Debug, Default)]
pub struct Volley {
    /// Number of responses.
    pub answers: u64,
    /// Time until the last response.
    pub took: Duration,
    /// Latencies in microseconds, sorted.
    pub latencies: Vec<u32>,
}

impl Volley {
    /// Returns the number of responses per second.
    pub fn per_second(&self) -> f64 {
        self.answers as f64 / self.took.as_secs_f64().max(f64::EPSILON)
    }

    /// Returns the median latency in milliseconds.
    pub fn median_ms(&self) -> f64 {
        let middle = self.latencies.get(self.latencies.len() / 2);
        f64::from(middle.copied().unwrap_or(0)) / 1e3
    }
}

/// Sends requests over several connections for a fixed time. It uses a single thread, so that clients use as little
/// of the machine as possible.
pub async fn fire(requests: &Requests, connections: usize, time: Duration) -> Done<Volley> {
    let requests = requests.clone();
    let (tell, told) = oneshot::channel();
    let run = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let volley = runtime
            .map_err(Failure::from)
            .and_then(|runtime| runtime.block_on(all(requests, connections, time)));
        // Fails if the caller was cancelled.
        let _ = tell.send(volley);
    };
    thread::Builder::new().name("load".to_owned()).spawn(run)?;
    told.await?
}

async fn all(requests: Requests, connections: usize, time: Duration) -> Done<Volley> {
    let mut wires = Vec::new();
    for _ in 0..connections {
        wires.push(Wire::open(&requests.address).await?);
    }
    let began = Instant::now();
    let mut hands = JoinSet::new();
    for (number, wire) in wires.into_iter().enumerate() {
        // Each connection starts at a different request, so that they do not send the same one at the same time.
        let first = number * requests.bytes.len() / connections;
        hands.spawn(one(wire, requests.bytes.clone(), first, began + time));
    }
    let mut latencies = Vec::new();
    while let Some(some) = hands.join_next().await {
        latencies.extend(some??);
    }
    let took = began.elapsed();
    latencies.sort_unstable();
    Ok(Volley {
        answers: latencies.len() as u64,
        took,
        latencies,
    })
}

async fn one(mut wire: Wire, requests: Arc<[Vec<u8>]>, first: usize, until: Instant) -> Done<Vec<u32>> {
    let mut latencies = Vec::with_capacity(1 << 14);
    let mut sent = Instant::now();
    for request in requests.iter().cycle().skip(first) {
        if sent >= until {
            break;
        }
        wire.ask(request).await?;
        let now = Instant::now();
        latencies.push(u32::try_from((now - sent).as_micros()).unwrap_or(u32::MAX));
        sent = now;
    }
    Ok(latencies)
}
