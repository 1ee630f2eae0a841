//! What came of the attacks.

use std::{collections::BTreeMap, fmt, time::Duration};

use super::honest::Noticed;

/// The honest viewer's slowest answers may take so long.
const P99_MAX: Duration = Duration::from_millis(2_500);

/// What is said of an attack during which the honest viewer waited too long.
const SLOW: &str = "the honest viewer waited too long";
/// Processor time of the node for one request, on average: in it is every element that is visited.
const TIME_MAX: Duration = Duration::from_secs(1);
/// Rows that the database may read for one request, on average.
const ROWS_MAX: u64 = 20_000;

/// What came of one attack.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its name.
    pub name: &'static str,
    /// The node runs and answers.
    pub lives: bool,
    /// How often the attacker was answered how.
    pub answers: BTreeMap<String, usize>,
    /// Bytes by which the node grew at most.
    pub growth: u64,
    /// Processor time of the node while it was attacked.
    pub processor_time: Duration,
    /// Rows that the database read meanwhile, where it counts them.
    pub rows: Option<u64>,
    /// What others noticed.
    pub noticed: Noticed,
}

/// What came of all.
#[derive(Clone, Debug)]
pub struct Report {
    /// One after the other.
    pub outcomes: Vec<Outcome>,
    /// Bytes by which an attack may make the node grow.
    pub growth_max: u64,
}

impl Outcome {
    /// Requests of the attacker that were answered.
    fn requests(&self) -> u32 {
        let answers: usize = self.answers.values().sum();
        u32::try_from(answers).unwrap_or(u32::MAX).max(1)
    }

    /// Processor time of the node for one request of the attacker; what others asked meanwhile is in it.
    fn time_per_request(&self) -> Duration {
        self.processor_time / self.requests()
    }

    /// Rows that the database read for one request of the attacker, with those for what others asked.
    fn rows_per_request(&self) -> Option<u64> {
        self.rows.map(|rows| rows / u64::from(self.requests()))
    }

    fn fault(&self, growth_max: u64) -> Option<&'static str> {
        if !self.lives {
            return Some("the node ended");
        }
        if self.growth > growth_max {
            return Some("the node grew too much");
        }
        if self.time_per_request() > TIME_MAX {
            return Some("a request took too much processor time");
        }
        if self.rows_per_request().is_some_and(|rows| rows > ROWS_MAX) {
            return Some("a request made the database read too many rows");
        }
        let agent = &self.noticed.agent;
        if agent.p99() > P99_MAX || agent.all.is_empty() {
            return Some(SLOW);
        }
        (agent.failed > 0).then_some("the honest viewer was not answered")
    }
}

impl Outcome {
    /// Nothing but the honest viewer's waiting is wrong.
    pub fn is_slow_alone(&self, growth_max: u64) -> bool {
        self.fault(growth_max) == Some(SLOW)
    }
}

impl Report {
    /// Every attack failed.
    pub fn is_held(&self) -> bool {
        let mut faults = self.outcomes.iter().map(|one| one.fault(self.growth_max));
        faults.all(|fault| fault.is_none())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| Attack | Growth, MiB | CPU/request, ms | Rows/request | Honest p99, ms | Failed | Health at most, ms | Answered | Held |"
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
