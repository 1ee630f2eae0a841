//! Counters of a run.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

/// Maximum number of findings in the report.
const FINDINGS: usize = 20;

/// An acknowledged mutation.
#[derive(Clone, Debug)]
pub struct Acknowledged {
    /// The event that it must cause.
    pub event: &'static str,
    /// Id of the written object.
    pub object: String,
    /// Position of the log in the response.
    pub position: i64,
}

/// An outage of a node or of the database.
#[derive(Clone, Debug)]
pub struct Outage {
    /// What was down: `node` or `PostgreSQL`.
    pub what: &'static str,
    /// Time from the kill to the restart.
    pub down: Duration,
    /// Time from the restart until ready.
    pub ready: Duration,
    /// Time from the kill until a mutation was acknowledged: by that node, or after an outage of the database by any
    /// node.
    pub writes: Option<Duration>,
}

/// Counts by name.
pub type Counts = BTreeMap<String, u64>;

/// All counters of a run.
#[derive(Debug, Default)]
pub struct Tally {
    /// Events that listeners received.
    pub deliveries: AtomicU64,
    /// Connections of listeners that were cut deliberately.
    pub cuts: AtomicU64,
    /// Subscriptions that were opened.
    pub subscriptions: AtomicU64,
    /// Mutations that were sent.
    pub sent: AtomicU64,
    /// Mutations that were repeated because the response was lost or an error.
    pub sent_again: AtomicU64,
    /// Connections for notifications that were cut.
    pub deafened: AtomicU64,
    /// Database connections that were cut all at once.
    pub cut_off: AtomicU64,
    /// Gateway processes that exited at startup because the database was down.
    pub failed_starts: AtomicU64,
    /// Position that each listener has reached.
    pub reached: Vec<AtomicI64>,
    acknowledged: Mutex<Vec<Acknowledged>>,
    refusals: Mutex<Counts>,
    endings: Mutex<Counts>,
    outages: Mutex<Vec<Outage>>,
    findings: Mutex<Vec<String>>,
}

impl Tally {
    pub fn new(listeners: usize) -> Self {
        Self {
            reached: (0..listeners).map(|_| AtomicI64::new(0)).collect(),
            ..Self::default()
        }
    }

    pub fn acknowledge(&self, what: Acknowledged) {
        locked(&self.acknowledged).push(what);
    }

    /// Counts a mutation that was not acknowledged, by reason.
    pub fn refuse(&self, reason: String) {
        *locked(&self.refusals).entry(reason).or_default() += 1;
    }

    /// Counts a subscription that ended or did not start, by reason.
    pub fn end(&self, reason: String) {
        *locked(&self.endings).entry(reason).or_default() += 1;
    }

    pub fn outage(&self, outage: Outage) {
        locked(&self.outages).push(outage);
    }

    /// Records an error that the checks of the verdict do not cover.
    pub fn find(&self, sentence: String) {
        let mut findings = locked(&self.findings);
        if findings.len() < FINDINGS {
            findings.push(sentence);
        }
    }

    pub fn acknowledged(&self) -> Vec<Acknowledged> {
        locked(&self.acknowledged).clone()
    }

    /// Returns the reasons why mutations were not acknowledged.
    pub fn refusals(&self) -> Counts {
        locked(&self.refusals).clone()
    }

    /// Returns the reasons why subscriptions ended.
    pub fn endings(&self) -> Counts {
        locked(&self.endings).clone()
    }

    pub fn outages(&self) -> Vec<Outage> {
        locked(&self.outages).clone()
    }

    /// Returns the recorded errors.
    pub fn findings(&self) -> Vec<String> {
        locked(&self.findings).clone()
    }
}

pub fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
