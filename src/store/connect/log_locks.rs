//! Queues writers of one process at the end of their transactions.
//!
//! The last step of a writer is to lock the counter of the change log of its workspace until its commit is
//! durable. When sixteen writers wait for one row, they wake each other inside PostgreSQL, and each checks
//! every new version of the row. So the writers of one process wait here in order, and PostgreSQL sees one of
//! them at a time.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::Duration,
};

use entity::WorkspaceId;
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::timeout,
};

/// Number of queues. Workspaces that share a queue only lose a little time.
const COUNT: usize = 256;
/// Longest wait of a writer for its turn. Only speed depends on turns, not correctness.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Permission to write into the change log of each workspace. Cloning is cheap.
#[derive(Clone, Debug)]
pub(super) struct LogLocks {
    all: Arc<[Arc<Mutex<()>>]>,
    hasher: RandomState,
}

/// Guard that is held until the transaction ends.
pub(super) type LogLock = OwnedMutexGuard<()>;

impl Default for LogLocks {
    fn default() -> Self {
        Self {
            all: (0..COUNT).map(|_| Arc::default()).collect(),
            hasher: RandomState::new(),
        }
    }
}

impl LogLocks {
    fn of(&self, workspace: WorkspaceId) -> Arc<Mutex<()>> {
        let place = self.hasher.hash_one(workspace) % COUNT as u64;
        self.all[usize::try_from(place).unwrap_or_default()].clone()
    }

    /// Returns a turn if it is free.
    pub(super) fn free(&self, workspace: WorkspaceId) -> Option<LogLock> {
        self.of(workspace).try_lock_owned().ok()
    }

    /// Waits for a turn in order. Returns `None` after [`TIMEOUT`]: PostgreSQL then orders the waiting
    /// writers.
    pub(super) async fn next(&self, workspace: WorkspaceId) -> Option<LogLock> {
        timeout(TIMEOUT, self.of(workspace).lock_owned()).await.ok()
    }
}
