//! Memory that one execution holds.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use super::{Exceeded, pool::Pool};

/// Memory that one execution holds.
#[derive(Debug)]
pub struct Account {
    answer_max: usize,
    viewer: Arc<Pool>,
    node: Arc<Pool>,
    /// All bytes that are charged to the account.
    held: AtomicUsize,
    /// The part of `held` that is released when the work ends.
    working: AtomicUsize,
    /// Bytes of the rows that the work has read.
    read: AtomicUsize,
    exceeded: OnceLock<Exceeded>,
}

impl Account {
    pub(super) fn of(answer_max: usize, viewer: Arc<Pool>, node: Arc<Pool>) -> Self {
        Self {
            answer_max,
            viewer,
            node,
            held: AtomicUsize::new(0),
            working: AtomicUsize::new(0),
            read: AtomicUsize::new(0),
            exceeded: OnceLock::new(),
        }
    }

    /// An account without bounds, for work that no viewer has requested.
    pub fn unbounded() -> Arc<Self> {
        let pool = || Arc::new(Pool::new(usize::MAX));
        Arc::new(Self::of(usize::MAX, pool(), pool()))
    }

    /// A new account of the same viewer, for another execution.
    #[must_use]
    pub fn another(&self) -> Arc<Self> {
        Arc::new(Self::of(self.answer_max, self.viewer.clone(), self.node.clone()))
    }

    /// The first bound that was exceeded.
    pub fn exceeded(&self) -> Option<Exceeded> {
        self.exceeded.get().copied()
    }

    /// Reserves bytes. Fails when a bound would be exceeded.
    pub fn charge(self: &Arc<Self>, bytes: usize) -> Result<Charge, Exceeded> {
        self.take(bytes)?;
        Ok(self.charged(bytes))
    }

    /// Charges memory that is already allocated, even beyond the bounds, because it cannot be avoided any
    /// more.
    pub fn charge_beyond(self: &Arc<Self>, bytes: usize) -> Charge {
        self.viewer.take_beyond(bytes);
        self.node.take_beyond(bytes);
        self.held.fetch_add(bytes, Ordering::Relaxed);
        self.charged(bytes)
    }

    fn charged(self: &Arc<Self>, bytes: usize) -> Charge {
        let account = self.clone();
        Charge { account, bytes }
    }

    fn take(&self, bytes: usize) -> Result<(), Exceeded> {
        if !self.viewer.take(bytes) {
            let alone = self.held.load(Ordering::Relaxed).saturating_add(bytes);
            // The bytes would not fit even if the viewer held nothing else.
            return Err(if alone > self.viewer.max {
                let max = self.viewer.max;
                Exceeded::Answer { found: alone, max }
            } else {
                Exceeded::Viewer
            });
        }
        if !self.node.take(bytes) {
            self.viewer.give_back(bytes);
            return Err(Exceeded::Node);
        }
        self.held.fetch_add(bytes, Ordering::Relaxed);
        Ok(())
    }

    fn give_back(&self, bytes: usize) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
        self.viewer.give_back(bytes);
        self.node.give_back(bytes);
    }

    /// Charges bytes that live until the work ends. Returns false, now and in later calls, when a bound is
    /// exceeded.
    pub(super) fn work_with(&self, bytes: usize) -> bool {
        if self.exceeded.get().is_some() {
            return false;
        }
        match self.take(bytes) {
            Ok(()) => {
                self.working.fetch_add(bytes, Ordering::Relaxed);
                true
            }
            Err(exceeded) => self.exceed(exceeded),
        }
    }

    pub(super) fn read(&self, bytes: usize) -> bool {
        let found = self.read.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if found > self.answer_max {
            let max = self.answer_max;
            return self.exceed(Exceeded::Answer { found, max });
        }
        self.work_with(bytes)
    }

    fn exceed(&self, exceeded: Exceeded) -> bool {
        // Only the first exceeded bound is reported.
        let _ = self.exceeded.set(exceeded);
        false
    }

    /// Releases the bytes that lived as long as the work.
    pub fn end_work(&self) {
        self.give_back(self.working.swap(0, Ordering::Relaxed));
        self.read.store(0, Ordering::Relaxed);
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.end_work();
    }
}

/// Reserved bytes, released on drop.
#[derive(Debug)]
pub struct Charge {
    account: Arc<Account>,
    bytes: usize,
}

impl Charge {
    /// An empty reservation.
    pub fn none(account: Arc<Account>) -> Self {
        Self { account, bytes: 0 }
    }

    /// Grows the reservation to `bytes` bytes for a response that will have `length` bytes. Returns false
    /// when a bound is exceeded. The work must then end.
    pub fn grow(&mut self, length: usize, bytes: usize) -> bool {
        let account = &self.account;
        if account.exceeded().is_some() {
            return false;
        }
        let max = account.answer_max;
        if length > max {
            return account.exceed(Exceeded::Answer { found: length, max });
        }
        if let Err(exceeded) = account.take(bytes.saturating_sub(self.bytes)) {
            return account.exceed(exceeded);
        }
        self.bytes = self.bytes.max(bytes);
        true
    }

    /// Shrinks the reservation to at most `bytes` bytes.
    pub fn shrink(&mut self, bytes: usize) {
        let less = self.bytes.saturating_sub(bytes);
        self.account.give_back(less);
        self.bytes -= less;
    }

    /// Maximum size of a response in bytes.
    pub fn answer_max(&self) -> usize {
        self.account.answer_max
    }

    pub fn is_exceeded(&self) -> bool {
        self.account.exceeded.get().is_some()
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.account.give_back(self.bytes);
    }
}
