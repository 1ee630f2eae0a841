//! Compares the events of listeners and the acknowledged mutations with the log.

use std::collections::{BTreeMap, HashMap};

use super::{
    Run,
    differences::{Differences, compare},
    listener::Listener,
    log::{Logged, pull},
    tally::Acknowledged,
};
use crate::{cursor, failure::Done};

/// Number of messages that were written more than once. Each mutation has a unique mark in the text.
const DONE_AGAIN: &str = "SELECT count(*) - count(DISTINCT body) FROM message WHERE body LIKE '%#%'";

/// Results of the listeners of one subscription.
#[derive(Clone, Debug, Default)]
pub struct ListenerResult {
    pub listeners: usize,
    /// Number of events that all of them together must receive.
    pub expected: usize,
    /// Differences between expected and received events.
    pub differences: Differences,
}

/// Result of a run.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Results by subscription.
    pub heard: BTreeMap<String, ListenerResult>,
    /// Result of the query `changes` at the end, as the agent and as each customer.
    pub pulled: ListenerResult,
    /// Number of events written during the run.
    pub events: usize,
    /// Number of unused positions below the highest one. `None` when positions are deliberately assigned too early,
    /// because that run leaves gaps and only tests whether losses are found.
    pub holes: Option<i64>,
    /// Difference between the counter of the log and the position of its last event.
    pub astray: i64,
    /// Number of acknowledged mutations.
    pub acknowledged: usize,
    /// Number of acknowledged mutations whose event is not in the log, or not at the position in the response.
    pub unlogged: usize,
    /// Number of mutations that ran more than once.
    pub done_again: i64,
    /// Number of rows without a creation event and creation events without a row.
    pub orphans: i64,
    /// Other errors.
    pub findings: Vec<String>,
}

impl Verdict {
    /// Returns the differences of all listeners.
    pub fn differences(&self) -> Differences {
        let mut all = Differences::default();
        for heard in self.heard.values() {
            all.add(heard.differences);
        }
        all
    }

    /// Returns true if nothing was lost and no error was found.
    pub fn is_whole(&self) -> bool {
        self.differences().is_none()
            && self.pulled.differences.is_none()
            && self.unlogged == 0
            && (
                self.holes.unwrap_or(0),
                self.astray,
                self.orphans,
                self.done_again,
            ) == (0, 0, 0, 0)
            && self.findings.is_empty()
    }
}

/// Compares all results with the log.
pub async fn judge(run: &Run, log: &[Logged], listeners: &[Listener]) -> Done<Verdict> {
    let start = cursor::position(&run.stage.start).unwrap_or_default();
    let mut heard: BTreeMap<String, ListenerResult> = BTreeMap::new();
    let mut findings = run.tally.findings();
    for listener in listeners {
        let wanted = |event: &&Logged| event.position > start && listener.subject.wants(event);
        let expected: Vec<_> = log
            .iter()
            .filter(wanted)
            .map(|event| (event.position, event.object.as_str()))
            .collect();
        let got = listener
            .heard
            .iter()
            .map(|(position, object)| (*position, object.as_str()));
        let entry = heard.entry(listener.subject.name.clone()).or_default();
        entry.listeners += 1;
        entry.expected += expected.len();
        entry.differences.add(compare(&expected, got));
    }
    for place in &run.stage.places {
        let panics = place.node.lock().await.lines().matches("panicked at").count();
        if panics > 0 {
            findings.push(format!("{} panicked {panics} times", place.address));
        }
    }
    let acknowledged = run.tally.acknowledged();
    let last = log.last().map_or(0, |event| event.position);
    let holes = last - i64::try_from(log.len())?;
    Ok(Verdict {
        heard,
        pulled: pulled(run, log).await?,
        events: log.iter().filter(|event| event.position > start).count(),
        holes: (!run.settings.mistake).then_some(holes),
        astray: run
            .stage
            .database
            .number("SELECT position FROM change_counter")
            .await?
            - last,
        unlogged: unlogged(log, &acknowledged, run.settings.mistake),
        acknowledged: acknowledged.len(),
        done_again: run.stage.database.number(DONE_AGAIN).await?,
        orphans: orphans(run).await?,
        findings,
    })
}

/// Returns the result of the query `changes`.
async fn pulled(run: &Run, log: &[Logged]) -> Done<ListenerResult> {
    let mut heard = ListenerResult::default();
    let customers = run
        .stage
        .watched
        .iter()
        .map(|one| (&one.customer, Some(&one.customer_row)));
    for (person, customer) in std::iter::once((&run.stage.agent, None)).chain(customers) {
        let expected: Vec<_> = log
            .iter()
            .filter(|event| customer.is_none_or(|customer| event.customer == *customer))
            .map(|event| (event.position, event.object.as_str()))
            .collect();
        let got = pull(run, person).await?;
        heard.listeners += 1;
        heard.expected += expected.len();
        heard.differences.add(compare(
            &expected,
            got.iter()
                .map(|(position, _, object)| (*position, object.as_str())),
        ));
    }
    Ok(heard)
}

/// Counts acknowledged mutations without their event. The event is at the position in the response or shortly before
/// it, because the response contains the last of several events. With `anywhere`, any position is accepted: that run
/// changes positions in the database.
fn unlogged(log: &[Logged], acknowledged: &[Acknowledged], anywhere: bool) -> usize {
    let mut positions: HashMap<(&str, &str), Vec<i64>> = HashMap::new();
    for event in log {
        let same = positions.entry((event.name.as_str(), event.object.as_str()));
        same.or_default().push(event.position);
    }
    let is_there = |one: &&Acknowledged| {
        let found = positions.get(&(one.event, one.object.as_str()));
        let fits = |position: &i64| anywhere || (one.position - 3..=one.position).contains(position);
        found.is_some_and(|positions| positions.iter().any(fits))
    };
    acknowledged.len() - acknowledged.iter().filter(is_there).count()
}

async fn orphans(run: &Run) -> Done<i64> {
    let mut orphans = 0;
    for (table, made) in [
        ("message", 41),
        ("ticket", 21),
        ("conversation", 31),
        ("customer", 11),
    ] {
        let [row, event] = [
            format!("{table}.id = change.object_id"),
            format!("change.name = {made}"),
        ];
        for sql in [
            format!(
                "SELECT count(*) FROM {table} WHERE NOT EXISTS (SELECT 1 FROM change WHERE {row} AND {event})"
            ),
            format!(
                "SELECT count(*) FROM change WHERE {event} AND NOT EXISTS (SELECT 1 FROM {table} WHERE {row})"
            ),
        ] {
            orphans += run.stage.database.number(&sql).await?;
        }
    }
    Ok(orphans)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acknowledged_mutations_are_logged_at_the_returned_position() {
        let event = |position, name: &str, object: &str| Logged {
            position,
            name: name.to_owned(),
            object: object.to_owned(),
            ticket: None,
            customer: String::new(),
        };
        let log = [
            event(7, "message.created", "m"),
            event(8, "ticket.updated", "t"),
            event(20, "message.created", "late"),
        ];
        let acknowledged = |object: &str, position| Acknowledged {
            event: "message.created",
            object: object.to_owned(),
            position,
        };
        for (object, position, expected) in [
            ("m", 8, [0, 0]),
            ("m", 7, [0, 0]),
            ("t", 8, [1, 1]),
            ("late", 8, [1, 0]),
            ("gone", 8, [1, 1]),
        ] {
            let one = [acknowledged(object, position)];
            let found = [false, true].map(|anywhere| unlogged(&log, &one, anywhere));
            assert_eq!(found, expected, "{object} {position}");
        }
    }
}
