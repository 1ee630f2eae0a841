//! Limits how many places of a pool one caller uses at a time.
//!
//! A caller over its limit waits for its own requests and does not enter the queue of the pool. Other callers
//! still find free places.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Identity;

/// The callers that use or wait for places.
#[derive(Debug)]
pub struct CallerLimits {
    size: usize,
    all: Mutex<HashMap<Identity, CallerLimit>>,
}

#[derive(Debug)]
struct CallerLimit {
    turns: Arc<Semaphore>,
    /// Number of places in use and of waiting requests.
    users: usize,
}

/// A place in the share of one caller. Dropping it frees the place.
#[derive(Debug)]
pub struct CallerPermit {
    who: Identity,
    shares: Arc<CallerLimits>,
    /// `None` while the request waits.
    permit: Option<OwnedSemaphorePermit>,
}

impl CallerLimits {
    /// Gives each caller `size` places.
    pub fn new(size: u32) -> Arc<Self> {
        Arc::new(Self {
            size: size as usize,
            all: Mutex::default(),
        })
    }

    /// Waits for a place, in the order of requests of the same caller.
    pub async fn take(self: &Arc<Self>, who: Identity) -> CallerPermit {
        let turns = {
            let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
            let counted = all.entry(who).or_insert_with(|| CallerLimit {
                turns: Arc::new(Semaphore::new(self.size)),
                users: 0,
            });
            counted.users += 1;
            counted.turns.clone()
        };
        let mut share = CallerPermit {
            who,
            shares: self.clone(),
            permit: None,
        };
        // The semaphore is never closed.
        share.permit = turns.acquire_owned().await.ok();
        share
    }
}

impl Drop for CallerPermit {
    fn drop(&mut self) {
        drop(self.permit.take());
        let mut all = self.shares.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(counted) = all.get_mut(&self.who) {
            counted.users -= 1;
            if counted.users == 0 {
                all.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use entity::AgentId;
    use futures_util::FutureExt;
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn callers_have_separate_limits_and_idle_ones_are_dropped() {
        let shares = CallerLimits::new(2);
        let who = |n| Identity::Agent(AgentId(Uuid::from_u128(n)));
        let first = shares.take(who(1)).await;
        let _second = shares.take(who(1)).await;
        assert!(shares.take(who(1)).now_or_never().is_none(), "both are taken");
        let other = shares.take(who(2)).now_or_never();
        assert!(other.is_some(), "another has a share of its own");
        drop(first);
        assert!(shares.take(who(1)).now_or_never().is_some(), "one came back");
        drop(other);
        assert_eq!(shares.all.lock().expect("whole").len(), 1);
    }
}
