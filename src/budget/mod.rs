//! Memory that requests take, counted in bytes: of one answer, of one viewer, of the node.
//!
//! Layer 1. Each execution has an [`Account`]. What it reads and writes is charged to the account as it grows, and with
//! it to the viewer and to the node; an execution that reaches a bound ends there, before the memory is allocated.
//! [`within`] runs work under an account, and [`read`] and [`hold`] charge the account of the running work, so that
//! neither the store nor a resolver has to be handed one.

mod account;
mod pool;
mod running;

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError, Weak},
};

pub use account::{Account, Charge};
pub use running::{current, hold, is_exceeded, read, step, within};

use self::pool::Pool;

/// Entries of viewers that are looked through for those that are gone, at least.
const SWEEP_LEAST: usize = 64;

/// Bounds in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// What one answer may have, and the rows that it is made of.
    pub answer: usize,
    /// What is held for one viewer.
    pub viewer: usize,
    /// What is held for all of them.
    pub node: usize,
}

/// The bound that an execution reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exceeded {
    /// The answer alone is too large.
    Answer {
        /// Bytes that it has at least.
        found: usize,
        /// Bytes that it may have.
        max: usize,
    },
    /// The viewer holds all that it may.
    Viewer,
    /// All viewers together hold all that the node has.
    Node,
}

/// The memory of a node, shared by viewers that are told apart by `K`.
#[derive(Debug)]
pub struct Budget<K> {
    limits: Limits,
    node: Arc<Pool>,
    viewers: Mutex<Viewers<K>>,
}

#[derive(Debug)]
struct Viewers<K> {
    pools: HashMap<K, Weak<Pool>>,
    sweep_at: usize,
}

impl<K: Eq + Hash> Budget<K> {
    /// A budget with these bounds.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            node: Pool::new(limits.node),
            viewers: Mutex::new(Viewers {
                pools: HashMap::new(),
                sweep_at: SWEEP_LEAST,
            }),
        }
    }

    /// An account of a viewer, for one execution.
    pub fn open(&self, viewer: K) -> Arc<Account> {
        Arc::new(Account::of(
            self.limits.answer,
            self.pool(viewer),
            self.node.clone(),
        ))
    }

    /// Bytes that are held for all viewers.
    pub fn taken(&self) -> usize {
        self.node.taken()
    }

    fn pool(&self, viewer: K) -> Arc<Pool> {
        let mut viewers = self.viewers.lock().unwrap_or_else(PoisonError::into_inner);
        if viewers.pools.len() >= viewers.sweep_at {
            viewers.pools.retain(|_, pool| pool.strong_count() > 0);
            viewers.sweep_at = SWEEP_LEAST.max(2 * viewers.pools.len());
        }
        let entry = viewers.pools.entry(viewer).or_default();
        entry.upgrade().unwrap_or_else(|| {
            let pool = Pool::new(self.limits.viewer);
            *entry = Arc::downgrade(&pool);
            pool
        })
    }
}

#[cfg(test)]
mod tests;
