//! Bounds on the memory of requests, in bytes: per response, per viewer and per node.
//!
//! Layer 1. Each execution has an [`Account`]. The rows that it reads and the bytes that it writes are
//! charged to the account, to the viewer and to the node as they grow. An execution that reaches a bound ends
//! there, before the memory is allocated. [`within`] runs work under an account. [`read`] and [`hold`] charge
//! the account of the running work, so that the store and the resolvers need no account parameter.

mod account;
mod pool;
mod running;
mod shares;

use std::{hash::Hash, sync::Arc};

pub use account::{Account, Charge};
pub use pool::Pool;
pub use running::{current, hold, is_exceeded, read, step, within};
pub use shares::Shares;

/// Bounds in bytes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Maximum size of one response, and of the rows that it is built from.
    pub answer: usize,
    /// Maximum for one viewer.
    pub viewer: usize,
    /// Maximum for all viewers together.
    pub node: usize,
}

/// The bound that an execution exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exceeded {
    /// The response alone is too large.
    Answer {
        /// Minimum number of bytes that the response needs.
        found: usize,
        /// Maximum number of bytes of a response.
        max: usize,
    },
    /// The viewer has used its whole share.
    Viewer,
    /// All viewers together have used the memory of the node.
    Node,
}

/// The memory of a node, shared by viewers. `K` identifies a viewer.
#[derive(Debug)]
pub struct Budget<K> {
    limits: Limits,
    node: Arc<Pool>,
    viewers: Shares<K, Pool>,
}

impl<K: Eq + Hash> Budget<K> {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            node: Arc::new(Pool::new(limits.node)),
            viewers: Shares::default(),
        }
    }

    /// Opens an account of a viewer, for one execution.
    pub fn open(&self, viewer: K) -> Arc<Account> {
        let viewer = self.viewers.of(viewer, || Pool::new(self.limits.viewer));
        Arc::new(Account::of(self.limits.answer, viewer, self.node.clone()))
    }

    /// Bytes that all viewers hold.
    pub fn taken(&self) -> usize {
        self.node.taken()
    }
}

#[cfg(test)]
mod tests;
