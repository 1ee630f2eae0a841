//! Load: some connections, each with one request under way, for some time.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use tokio::{sync::oneshot, task::JoinSet};

use super::wire::Wire;
use crate::failure::{Done, Failure};

/// Requests that are sent over and over, whole as they go over the wire.
#[derive(Clone, Debug)]
pub struct Requests {
    /// Host and port.
    pub address: String,
    /// One after the other, then from the beginning.
    pub bytes: Arc<[Vec<u8>]>,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Volley {
    /// Requests that were answered.
    pub answers: u64,
    /// How long it took, to the last answer.
    pub took: Duration,
    /// How long each took, in microseconds, sorted.
    pub latencies: Vec<u32>,
}

impl Volley {
    /// Answers in a second.
    pub fn per_second(&self) -> f64 {
        self.answers as f64 / self.took.as_secs_f64().max(f64::EPSILON)
    }

    /// The latency that half of the answers did not exceed, in milliseconds.
    pub fn median_ms(&self) -> f64 {
        let middle = self.latencies.get(self.latencies.len() / 2);
        f64::from(middle.copied().unwrap_or(0)) / 1e3
    }
}

/// Sends for so long over so many connections. It has a thread of its own, and no more: clients must not need more of
/// the machine than they have to.
pub async fn fire(requests: &Requests, connections: usize, time: Duration) -> Done<Volley> {
    let requests = requests.clone();
    let (tell, told) = oneshot::channel();
    let run = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let volley = runtime
            .map_err(Failure::from)
            .and_then(|runtime| runtime.block_on(all(requests, connections, time)));
        // Whoever asked may be gone.
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
        // Each begins elsewhere, so that they do not ask the same at the same time.
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
