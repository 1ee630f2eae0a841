//! Taking turns at the end of transactions.
//!
//! The last thing that a writer does is to lock the counter of its workspace's change log, until its commit is durable.
//! Sixteen writers that wait for one row wake each other inside PostgreSQL, and look at each new version of the row. So the
//! writers of one process wait here, one behind the other, and PostgreSQL sees one of them at a time.

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

/// Workspaces that share a turn wait for each other and lose a moment, no more.
const COUNT: usize = 256;
/// How long a writer waits for its turn. Nothing depends on it but time.
const PATIENCE: Duration = Duration::from_secs(1);

/// Who may write into the log of each workspace. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Turns {
    all: Arc<[Arc<Mutex<()>>]>,
    hasher: RandomState,
}

/// Held until the transaction is over.
pub(super) type Turn = OwnedMutexGuard<()>;

impl Default for Turns {
    fn default() -> Self {
        Self {
            all: (0..COUNT).map(|_| Arc::default()).collect(),
            hasher: RandomState::new(),
        }
    }
}

impl Turns {
    fn of(&self, workspace: WorkspaceId) -> Arc<Mutex<()>> {
        let place = self.hasher.hash_one(workspace) % COUNT as u64;
        self.all[usize::try_from(place).unwrap_or_default()].clone()
    }

    /// A turn, if nobody has it.
    pub(super) fn free(&self, workspace: WorkspaceId) -> Option<Turn> {
        self.of(workspace).try_lock_owned().ok()
    }

    /// A turn, after those who asked before. None when that takes long: then PostgreSQL says who waits for whom.
    pub(super) async fn next(&self, workspace: WorkspaceId) -> Option<Turn> {
        timeout(PATIENCE, self.of(workspace).lock_owned()).await.ok()
    }
}
