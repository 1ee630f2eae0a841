//! Results of a measurement.

use std::{collections::HashMap, fmt, time::Duration};

use super::crowd::Receipt;

/// Results of one measured server.
#[derive(Clone, Debug)]
pub struct Figures {
    /// The server and its subscriptions.
    pub name: String,
    /// Number of sockets.
    pub listeners: usize,
    /// Number of received results.
    pub deliveries: u64,
    /// Time from the first event to the last result.
    pub took: Duration,
    /// Processor time of the server for all results.
    pub server: Duration,
    /// Times from the commit to the receipt in microseconds, sorted. Empty if the times of commits are unknown.
    pub latencies: Vec<i64>,
}

impl Figures {
    /// Returns the processor time of the server for one result, in microseconds.
    pub fn per_delivery(&self) -> f64 {
        self.server.as_secs_f64() * 1e6 / self.deliveries.max(1) as f64
    }

    /// Returns the number of results per second.
    pub fn per_second(&self) -> f64 {
        self.deliveries as f64 / self.took.as_secs_f64()
    }

    /// Returns a percentile of the latencies in milliseconds. `part` is from 0 to 1.
    pub fn percentile(&self, part: f64) -> Option<f64> {
        let last = self.latencies.len().checked_sub(1)?;
        let place = (part * last as f64).round() as usize;
        Some(*self.latencies.get(place)? as f64 / 1e3)
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let latency = |part| {
            self.percentile(part)
                .map_or_else(|| "–".to_owned(), |ms| format!("{ms:.2}"))
        };
        write!(
            f,
            "| {} | {} | {} | {} | {} | {:.0} | {:.1} |",
            self.name,
            self.listeners,
            self.deliveries,
            latency(0.5),
            latency(0.99),
            self.per_second(),
            self.per_delivery()
        )
    }
}

pub const HEAD: &str = "| Server and subscription | Listeners | Results | p50 ms | p99 ms | Results/s | Server µs per result |\n\
                        |---|---|---|---|---|---|---|";

/// Returns the time from the commit to each receipt, sorted. Events with an unknown commit time are omitted.
pub fn latencies(receipts: &[Receipt], committed: &HashMap<String, i64>) -> Vec<i64> {
    let mut latencies: Vec<i64> = receipts
        .iter()
        .filter_map(|receipt| Some(receipt.at - committed.get(&receipt.cursor)?))
        .collect();
    latencies.sort_unstable();
    latencies
}
