//! What came of the attacks.

use std::{collections::BTreeMap, fmt, time::Duration};

use super::honest::Noticed;

/// The honest viewer's slowest answers may take so long.
const P99_MAX: Duration = Duration::from_millis(2_500);

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
    fn fault(&self, growth_max: u64) -> Option<&'static str> {
        if !self.lives {
            return Some("the node ended");
        }
        if self.growth > growth_max {
            return Some("the node grew too much");
        }
        let agent = &self.noticed.agent;
        if agent.p99() > P99_MAX || agent.all.is_empty() {
            return Some("the honest viewer waited too long");
        }
        (agent.failed > 0).then_some("the honest viewer was not answered")
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
            "| Attack | Growth, MiB | Honest p99, ms | Failed | Health at most, ms | Answered | Held |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|")?;
        for one in &self.outcomes {
            let answers = one
                .answers
                .iter()
                .map(|(answer, count)| format!("{answer} {count}"));
            writeln!(
                f,
                "| {} | {} | {} | {} | {} | {} | {} |",
                one.name,
                one.growth >> 20,
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
