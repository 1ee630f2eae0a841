//! A shared number of bytes.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// A number of bytes, some of which are reserved.
#[derive(Debug)]
pub(super) struct Pool {
    pub(super) max: usize,
    taken: AtomicUsize,
}

impl Pool {
    pub(super) fn new(max: usize) -> Arc<Self> {
        let taken = AtomicUsize::new(0);
        Arc::new(Self { max, taken })
    }

    pub(super) fn take(&self, bytes: usize) -> bool {
        let take = |taken: usize| taken.checked_add(bytes).filter(|sum| *sum <= self.max);
        let order = Ordering::Relaxed;
        self.taken.fetch_update(order, order, take).is_ok()
    }

    pub(super) fn take_beyond(&self, bytes: usize) {
        self.taken.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn give_back(&self, bytes: usize) {
        self.taken.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(super) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}
