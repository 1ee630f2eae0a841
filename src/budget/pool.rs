//! A shared number of bytes.

use std::sync::atomic::{AtomicUsize, Ordering};

/// A number of bytes, some of which are reserved.
#[derive(Debug)]
pub struct Pool {
    pub max: usize,
    taken: AtomicUsize,
}

impl Pool {
    /// A pool of `max` bytes.
    pub fn new(max: usize) -> Self {
        let taken = AtomicUsize::new(0);
        Self { max, taken }
    }

    /// Reserves bytes. Returns false if fewer are free.
    pub fn take(&self, bytes: usize) -> bool {
        let take = |taken: usize| taken.checked_add(bytes).filter(|sum| *sum <= self.max);
        let order = Ordering::Relaxed;
        self.taken.fetch_update(order, order, take).is_ok()
    }

    pub(super) fn take_beyond(&self, bytes: usize) {
        self.taken.fetch_add(bytes, Ordering::Relaxed);
    }

    pub fn give_back(&self, bytes: usize) {
        self.taken.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Reserved bytes.
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}
