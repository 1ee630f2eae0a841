//! Group commit for `SQLite`: several transactions become durable with one commit.
//!
//! Each commit waits for the disk, and `SQLite` has one writer at a time, so without batches each writer
//! waits for every disk write before it. A transaction that ends while other writers wait stays open. The
//! next transaction runs inside it, behind a savepoint, and so on, until the task that commits the batch gets
//! its turn. No caller gets a result before the commit is durable, and readers see nothing of the batch
//! before it. A writer sees the writes of earlier members of its batch, so an error that depends on them is
//! also returned only after the commit.

use std::{
    mem,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use sea_orm::DbErr;
use tokio::sync::oneshot;

use super::{super::StoreError, session::Plain};

/// Outcome of the batches of one file.
#[derive(Debug, Default)]
pub struct BatchState {
    is_open: AtomicBool,
    lost: AtomicU64,
}

impl BatchState {
    /// Whether transactions wait for their commit.
    pub(super) fn is_open(&self) -> bool {
        self.is_open.load(Ordering::SeqCst)
    }

    /// Number of batches that were lost.
    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::SeqCst)
    }
}

/// Receives the outcome of the commit. Closes without a value when the batch is given up before the commit.
pub(super) type CommitReceiver = oneshot::Receiver<Result<(), StoreError>>;

/// Transactions that wait for one commit. If their connection closes, each member sees its channel close,
/// which means that nothing was written.
#[derive(Debug)]
pub struct Batch {
    members: Vec<oneshot::Sender<Result<(), StoreError>>>,
    batch_state: Arc<BatchState>,
}

impl Batch {
    pub(super) fn new(batch_state: Arc<BatchState>) -> Self {
        let members = Vec::new();
        Self { members, batch_state }
    }

    /// Whether transactions wait for the commit.
    pub(super) fn is_open(&self) -> bool {
        !self.members.is_empty()
    }

    /// Returns the statement that begins a transaction: a savepoint if other transactions wait, or else a
    /// real transaction.
    pub(super) fn begin(&self) -> Plain {
        Plain::of(if self.is_open() {
            "SAVEPOINT member"
        } else {
            "BEGIN IMMEDIATE"
        })
    }

    /// Returns the statement that ends the last transaction so that the next one can begin. The first
    /// transaction of a batch needs none.
    pub(super) fn end_member(&self) -> Option<Plain> {
        self.is_open().then(|| Plain::of("RELEASE member"))
    }

    /// Returns the statement that rolls back the last transaction and keeps those before it.
    pub(super) fn undo_member(&self) -> Plain {
        Plain::of(if self.is_open() {
            "ROLLBACK TO member; RELEASE member"
        } else {
            "ROLLBACK"
        })
    }

    /// Adds the last transaction to those that wait for the commit.
    pub(super) fn join(&mut self) -> CommitReceiver {
        let (member, ended) = oneshot::channel();
        self.members.push(member);
        self.batch_state.is_open.store(true, Ordering::SeqCst);
        ended
    }

    /// Sends the outcome of the commit to all members.
    pub(super) fn tell(&mut self, ended: &Result<(), DbErr>) {
        // The counter changes before the flag: a reader that sees a closed batch must also see the loss.
        if ended.is_err() {
            self.batch_state.lost.fetch_add(1, Ordering::SeqCst);
        }
        self.batch_state.is_open.store(false, Ordering::SeqCst);
        for member in mem::take(&mut self.members) {
            let ended = ended.as_ref().copied().map_err(StoreError::of_shared_commit);
            // A member that no longer waits has dropped its receiver.
            member.send(ended).ok();
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        if self.is_open() {
            self.batch_state.lost.fetch_add(1, Ordering::SeqCst);
            self.batch_state.is_open.store(false, Ordering::SeqCst);
        }
    }
}
