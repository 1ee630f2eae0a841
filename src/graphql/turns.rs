//! Whose turn it is to execute an event.
//!
//! One event may have to be executed for a thousand subscriptions of one viewer. They take turns: a viewer has so many at
//! a time, and an execution whose last answer was large takes several of them. So the processor is shared out by viewers
//! and not by subscriptions, and costly ones of one viewer run one after the other.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::auth::Identity;

/// Turns of one viewer.
const OF_VIEWER: u32 = 32;
/// Executions of all viewers at a time.
const OF_NODE: usize = 128;
/// Bytes of an answer for which an execution takes one turn more.
const BYTES_EACH: usize = 32 << 10;

/// The turns of a node. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Turns {
    node: Arc<Semaphore>,
    viewers: Arc<Mutex<HashMap<Identity, Weak<Semaphore>>>>,
}

/// The turns of one viewer.
#[derive(Clone, Debug)]
pub struct Lane {
    viewer: Arc<Semaphore>,
    node: Arc<Semaphore>,
}

/// Turns that an execution has, until this is dropped.
#[derive(Debug)]
pub struct Turn {
    _viewer: Option<OwnedSemaphorePermit>,
    _node: Option<OwnedSemaphorePermit>,
}

impl Default for Turns {
    fn default() -> Self {
        Self {
            node: Arc::new(Semaphore::new(OF_NODE)),
            viewers: Arc::default(),
        }
    }
}

impl Turns {
    /// Those of a viewer.
    pub fn of(&self, viewer: Identity) -> Lane {
        let mut viewers = self.viewers.lock().unwrap_or_else(PoisonError::into_inner);
        if viewers.len() > 64 && viewers.len().is_power_of_two() {
            viewers.retain(|_, lane| lane.strong_count() > 0);
        }
        let entry = viewers.entry(viewer).or_default();
        let viewer = entry.upgrade().unwrap_or_else(|| {
            let lane = Arc::new(Semaphore::new(OF_VIEWER as usize));
            *entry = Arc::downgrade(&lane);
            lane
        });
        let node = self.node.clone();
        Lane { viewer, node }
    }
}

impl Lane {
    /// Waits for the turn of an execution whose last answer had so many bytes.
    pub async fn turn(&self, bytes: usize) -> Turn {
        // Neither is ever closed. The viewer's comes first: one waits at the node with what it may run at once.
        let viewer = self.viewer.clone().acquire_many_owned(weight(bytes)).await.ok();
        let node = self.node.clone().acquire_owned().await.ok();
        Turn {
            _viewer: viewer,
            _node: node,
        }
    }
}

fn weight(bytes: usize) -> u32 {
    let more = u32::try_from(bytes / BYTES_EACH).unwrap_or(OF_VIEWER);
    more.saturating_add(1).min(OF_VIEWER)
}

#[cfg(test)]
mod tests {
    use entity::CustomerId;
    use futures_util::FutureExt;
    use uuid::Uuid;

    use super::*;

    fn viewer(id: u128) -> Identity {
        Identity::Customer(CustomerId(Uuid::from_u128(id)))
    }

    #[test]
    fn costly_executions_of_a_viewer_run_one_after_the_other_and_others_beside_them() {
        let turns = Turns::default();
        let costly = turns.of(viewer(1)).turn(2 << 20).now_or_never().expect("free");
        assert!(turns.of(viewer(1)).turn(0).now_or_never().is_none());
        assert!(turns.of(viewer(2)).turn(2 << 20).now_or_never().is_some());
        drop(costly);
        let lane = turns.of(viewer(1));
        let small: Vec<_> = (0..OF_VIEWER)
            .filter_map(|_| lane.turn(100).now_or_never())
            .collect();
        assert_eq!(small.len(), OF_VIEWER as usize);
        assert!(lane.turn(100).now_or_never().is_none());
    }

    #[test]
    fn viewers_without_subscriptions_are_forgotten() {
        let turns = Turns::default();
        for id in 0..1_000 {
            let _ = turns.of(viewer(id));
        }
        assert!(turns.viewers.lock().expect("no panic").len() <= 128);
    }
}
