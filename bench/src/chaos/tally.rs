//! What is counted while a run goes on.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

/// Findings that are kept: whoever is told of so many need not be told of more.
const FINDINGS: usize = 20;

/// A mutation that was acknowledged.
#[derive(Clone, Debug)]
pub struct Acknowledged {
    /// The event that it must have caused.
    pub event: &'static str,
    /// What it wrote.
    pub object: String,
    /// Where the log stood behind it.
    pub position: i64,
}

/// A node or the database, from its end to its return.
#[derive(Clone, Debug)]
pub struct Outage {
    /// What was away.
    pub what: &'static str,
    /// For how long it was down.
    pub down: Duration,
    /// From its start until it was ready.
    pub ready: Duration,
    /// From its end until a mutation was acknowledged again, by that node, or by any when it was the database.
    pub writes: Option<Duration>,
}

/// Counts by name.
pub type Counts = BTreeMap<String, u64>;

/// All counts of a run.
#[derive(Debug, Default)]
pub struct Tally {
    /// Events that listeners got.
    pub deliveries: AtomicU64,
    /// Listeners that were cut off on purpose.
    pub cuts: AtomicU64,
    /// Subscriptions that were opened.
    pub subscriptions: AtomicU64,
    /// Mutations that were sent.
    pub sent: AtomicU64,
    /// How often one was sent again, as its answer was lost or none.
    pub sent_again: AtomicU64,
    /// Connections over which nodes hear of each other that were cut.
    pub deafened: AtomicU64,
    /// Connections to the database that were cut all at once.
    pub cut_off: AtomicU64,
    /// Processes that ended by themselves while they started, because the database was away.
    pub failed_starts: AtomicU64,
    /// How far each listener got.
    pub reached: Vec<AtomicI64>,
    acknowledged: Mutex<Vec<Acknowledged>>,
    refusals: Mutex<Counts>,
    endings: Mutex<Counts>,
    outages: Mutex<Vec<Outage>>,
    findings: Mutex<Vec<String>>,
}

impl Tally {
    /// For so many listeners.
    pub fn new(listeners: usize) -> Self {
        Self {
            reached: (0..listeners).map(|_| AtomicI64::new(0)).collect(),
            ..Self::default()
        }
    }

    /// Notes an acknowledged mutation.
    pub fn acknowledge(&self, what: Acknowledged) {
        locked(&self.acknowledged).push(what);
    }

    /// Notes a mutation that was not acknowledged, by the reason.
    pub fn refuse(&self, reason: String) {
        *locked(&self.refusals).entry(reason).or_default() += 1;
    }

    /// Notes that a subscription ended, or could not begin, by the reason.
    pub fn end(&self, reason: String) {
        *locked(&self.endings).entry(reason).or_default() += 1;
    }

    /// Notes an outage that is over.
    pub fn outage(&self, outage: Outage) {
        locked(&self.outages).push(outage);
    }

    /// Notes what must never be, beside what the verdict looks for.
    pub fn find(&self, sentence: String) {
        let mut findings = locked(&self.findings);
        if findings.len() < FINDINGS {
            findings.push(sentence);
        }
    }

    /// The acknowledged mutations.
    pub fn acknowledged(&self) -> Vec<Acknowledged> {
        locked(&self.acknowledged).clone()
    }

    /// Why mutations were not acknowledged.
    pub fn refusals(&self) -> Counts {
        locked(&self.refusals).clone()
    }

    /// Why subscriptions ended.
    pub fn endings(&self) -> Counts {
        locked(&self.endings).clone()
    }

    /// The outages.
    pub fn outages(&self) -> Vec<Outage> {
        locked(&self.outages).clone()
    }

    /// What must never be.
    pub fn findings(&self) -> Vec<String> {
        locked(&self.findings).clone()
    }
}

/// One more.
pub fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
