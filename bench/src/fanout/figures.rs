//! Figures of one measurement.

use std::{collections::HashMap, fmt, time::Duration};

use super::crowd::Receipt;

/// Who was measured, and what came out.
#[derive(Clone, Debug)]
pub struct Figures {
    /// The server, and what its listeners ask.
    pub name: String,
    /// Sockets that listened.
    pub listeners: usize,
    /// Answers that came.
    pub deliveries: u64,
    /// How long it took from the first event to the last answer.
    pub took: Duration,
    /// Processor time of the server for it.
    pub server: Duration,
    /// From the commit to the answer, in microseconds, sorted; empty where the commit's time is not known.
    pub latencies: Vec<i64>,
}

impl Figures {
    /// Processor time of the server for one answer, in microseconds.
    pub fn per_delivery(&self) -> f64 {
        self.server.as_secs_f64() * 1e6 / self.deliveries.max(1) as f64
    }

    /// Answers in a second.
    pub fn per_second(&self) -> f64 {
        self.deliveries as f64 / self.took.as_secs_f64()
    }

    /// The latency that a part of the answers does not exceed, in milliseconds.
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

/// The head of a table of figures.
pub const HEAD: &str = "| Server and question | Listeners | Answers | p50 ms | p99 ms | Answers/s | Server µs per answer |\n\
                        |---|---|---|---|---|---|---|";

/// How long each answer took since its event was committed, sorted. An event whose commit is not known is an error of the
/// measurement, and left out.
pub fn latencies(receipts: &[Receipt], committed: &HashMap<String, i64>) -> Vec<i64> {
    let mut latencies: Vec<i64> = receipts
        .iter()
        .filter_map(|receipt| Some(receipt.at - committed.get(&receipt.cursor)?))
        .collect();
    latencies.sort_unstable();
    latencies
}
