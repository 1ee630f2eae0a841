//! Limits what each caller uses at a time: connections of the pool, sockets, operations and threads.
//!
//! A caller over its limit waits for its own requests, or is refused. It does not enter a queue that all callers share,
//! so others still find free places.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Identity;
use crate::budget::Shares;

/// The same number of places for each caller.
#[derive(Debug)]
pub struct CallerLimits {
    size: usize,
    all: Shares<Identity, Semaphore>,
}

impl CallerLimits {
    /// Gives each caller `size` places.
    pub fn new(size: usize) -> Self {
        Self {
            size: size.min(Semaphore::MAX_PERMITS),
            all: Shares::default(),
        }
    }

    /// Returns the places of a caller. The semaphore is never closed.
    pub fn of(&self, who: Identity) -> Arc<Semaphore> {
        self.all.of(who, || Semaphore::new(self.size))
    }

    /// Waits for a place, in the order of requests of the same caller.
    pub async fn take(&self, who: Identity) -> Option<OwnedSemaphorePermit> {
        self.of(who).acquire_owned().await.ok()
    }

    /// Takes a place, or returns `None` when the caller uses all its places.
    pub fn try_take(&self, who: Identity) -> Option<OwnedSemaphorePermit> {
        self.of(who).try_acquire_owned().ok()
    }
}

#[cfg(test)]
mod tests {
    use entity::AgentId;
    use futures_util::FutureExt;
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn callers_have_separate_limits() {
        let limits = CallerLimits::new(2);
        let who = |n| Identity::Agent(AgentId(Uuid::from_u128(n)));
        let first = limits.take(who(1)).await;
        let _second = limits.try_take(who(1)).expect("the second place");
        assert!(limits.take(who(1)).now_or_never().is_none(), "both are taken");
        assert!(limits.try_take(who(1)).is_none(), "both are taken");
        let other = limits.take(who(2)).now_or_never();
        assert!(other.is_some(), "another has a share of its own");
        drop(first);
        assert!(limits.try_take(who(1)).is_some(), "one came back");
        assert!(CallerLimits::new(usize::MAX).try_take(who(1)).is_some());
    }
}
