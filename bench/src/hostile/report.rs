//! Report of the attacks.

use std::{collections::BTreeMap, fmt, time::Duration};

use super::honest::Noticed;

/// Limit for the honest viewer's 99th percentile.
const P99_MAX: Duration = Duration::from_millis(2_500);

/// Error of an attack during which the honest viewer's latency exceeded its limit.
const SLOW: &str = "the honest viewer waited too long";
/// Limit for the node's average processor time per request of the attacker. It covers the cost of each visited
/// element.
const TIME_MAX: Duration = Duration::from_secs(1);
/// Limit for the average number of rows that the database reads per request of the attacker.
const ROWS_MAX: u64 = 20_000;

/// Result of one attack.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub name: &'static str,
    /// True if the node is running and responds.
    pub lives: bool,
    /// Number of responses by result.
    pub answers: BTreeMap<String, usize>,
    /// Maximum growth of the node's memory in bytes.
    pub growth: u64,
    /// Processor time of the node during the attack.
    pub processor_time: Duration,
    /// Number of rows that the database read during the attack. `None` if the database does not count them.
    pub rows: Option<u64>,
    /// Latencies of others.
    pub noticed: Noticed,
}

/// Results of all attacks.
#[derive(Clone, Debug)]
pub struct Report {
    /// Results in the order of the attacks.
    pub outcomes: Vec<Outcome>,
    /// Maximum allowed growth of the node's memory in bytes.
    pub growth_max: u64,
}

impl Outcome {
    /// Returns the number of responses to the attacker.
    fn requests(&self) -> u32 {
        let answers: usize = self.answers.values().sum();
        u32::try_from(answers).unwrap_or(u32::MAX).max(1)
    }

    /// Returns the node's processor time per request of the attacker. It includes the time for requests of others.
    fn time_per_request(&self) -> Duration {
        self.processor_time / self.requests()
    }

    /// Returns the rows read per request of the attacker. They include the rows for requests of others.
    fn rows_per_request(&self) -> Option<u64> {
        self.rows.map(|rows| rows / u64::from(self.requests()))
    }

    fn fault(&self, growth_max: u64) -> Option<&'static str> {
        if !self.lives {
            return Some("the node exited");
        }
        if self.growth > growth_max {
            return Some("the node grew too much");
        }
        if self.time_per_request() > TIME_MAX {
            return Some("a request took too much processor time");
        }
        if self.rows_per_request().is_some_and(|rows| rows > ROWS_MAX) {
            return Some("a request read too many rows");
        }
        let agent = &self.noticed.agent;
        if agent.p99() > P99_MAX || agent.all.is_empty() {
            return Some(SLOW);
        }
        (agent.failed > 0).then_some("requests of the honest viewer failed")
    }
}

impl Outcome {
    /// Returns true if the honest viewer's latency is the only error.
    pub fn is_slow_alone(&self, growth_max: u64) -> bool {
        self.fault(growth_max) == Some(SLOW)
    }
}

impl Report {
    /// Returns true if every attack failed.
    pub fn is_held(&self) -> bool {
        let mut faults = self.outcomes.iter().map(|one| one.fault(self.growth_max));
        faults.all(|fault| fault.is_none())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| Attack | Growth, MiB | CPU/request, ms | Rows/request | Honest p99, ms | Failed | Max. health check, ms | Responses | Passed |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|---|")?;
        for one in &self.outcomes {
            let answers = one
                .answers
                .iter()
                .map(|(answer, count)| format!("{answer} {count}"));
            writeln!(
                f,
                "| {} | {} | {} | {} | {} | {} | {} | {} | {} |",
                one.name,
                one.growth >> 20,
                one.time_per_request().as_millis(),
                one.rows_per_request()
                    .map_or_else(|| "–".to_owned(), |rows| rows.to_string()),
                one.noticed.agent.p99().as_millis(),
                one.noticed.agent.failed + one.noticed.health.failed,
                one.noticed.health.most().as_millis(),
                answers.collect::<Vec<_>>().join(", "),
                one.fault(self.growth_max).unwrap_or("yes"),
            )?;
        }
        Ok(())
    }
}
