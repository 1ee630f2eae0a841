//! Transactions of `SQLite` that are made durable together.
//!
//! A commit waits for the disk, and there is one writer at a time: so each would wait for the disk of all before it.
//! Whoever ends while others wait for their turn leaves its transaction open instead. The next one works inside it, behind a
//! savepoint, and so on, until the turn of the one who commits for all has come. Nobody is told that something was done
//! before it is durable, and readers see nothing of it before. A writer sees what was done before it in the same batch: who is
//! refused because of that is told when it is durable, too.

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

/// What became of the batches of one file.
#[derive(Debug, Default)]
pub struct Fate {
    is_open: AtomicBool,
    lost: AtomicU64,
}

impl Fate {
    /// Whether transactions wait for their commit.
    pub(super) fn is_open(&self) -> bool {
        self.is_open.load(Ordering::SeqCst)
    }

    /// How many batches were given up.
    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::SeqCst)
    }
}

/// Is told how it ended; nothing when all of it was given up before the commit.
pub(super) type Ended = oneshot::Receiver<Result<(), StoreError>>;

/// The transactions that wait for one commit. When their connection is closed, each learns that nothing was done.
#[derive(Debug)]
pub struct Batch {
    members: Vec<oneshot::Sender<Result<(), StoreError>>>,
    fate: Arc<Fate>,
}

impl Batch {
    pub(super) fn new(fate: Arc<Fate>) -> Self {
        let members = Vec::new();
        Self { members, fate }
    }

    /// Some wait for the commit.
    pub(super) fn is_open(&self) -> bool {
        !self.members.is_empty()
    }

    /// Begins a transaction, inside those that wait.
    pub(super) fn begin(&self) -> Plain {
        Plain::of(if self.is_open() {
            "SAVEPOINT member"
        } else {
            "BEGIN IMMEDIATE"
        })
    }

    /// Ends the last transaction so that the next can begin; nothing has to be done behind the first.
    pub(super) fn end_member(&self) -> Option<Plain> {
        self.is_open().then(|| Plain::of("RELEASE member"))
    }

    /// Undoes the last transaction, and nothing of those before it.
    pub(super) fn undo_member(&self) -> Plain {
        Plain::of(if self.is_open() {
            "ROLLBACK TO member; RELEASE member"
        } else {
            "ROLLBACK"
        })
    }

    /// The last transaction waits for the commit.
    pub(super) fn join(&mut self) -> Ended {
        let (member, ended) = oneshot::channel();
        self.members.push(member);
        self.fate.is_open.store(true, Ordering::SeqCst);
        ended
    }

    /// All of it was made durable, or could not be.
    pub(super) fn tell(&mut self, ended: &Result<(), DbErr>) {
        // In this order: who finds nothing open must find what was lost.
        if ended.is_err() {
            self.fate.lost.fetch_add(1, Ordering::SeqCst);
        }
        self.fate.is_open.store(false, Ordering::SeqCst);
        for member in mem::take(&mut self.members) {
            let ended = ended.as_ref().copied().map_err(StoreError::of_shared_commit);
            // Who no longer waits does not need it.
            member.send(ended).ok();
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        if self.is_open() {
            self.fate.lost.fetch_add(1, Ordering::SeqCst);
            self.fate.is_open.store(false, Ordering::SeqCst);
        }
    }
}
