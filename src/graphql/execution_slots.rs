//! Permits to execute events of subscriptions.
//!
//! One event can require an execution for each of a thousand subscriptions of one viewer. Each viewer has a fixed
//! number of permits, and an execution whose previous response was large takes several. The processor is therefore
//! shared among viewers and not among subscriptions, and expensive executions of one viewer run one after the other.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::auth::{CallerLimits, Identity};

/// Permits of one viewer.
const SLOTS_PER_VIEWER: u32 = 32;
/// Maximum number of concurrent executions of all viewers.
const SLOTS_PER_NODE: usize = 128;
/// Bytes of the previous response for each further permit.
const BYTES_PER_SLOT: usize = 32 << 10;

/// The permits of a node. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ExecutionSlots {
    node: Arc<Semaphore>,
    viewers: Arc<CallerLimits>,
}

/// The permits of one viewer.
#[derive(Clone, Debug)]
pub struct ViewerSlots {
    viewer: Arc<Semaphore>,
    node: Arc<Semaphore>,
}

/// The permits of one execution. Released on drop.
#[derive(Debug)]
pub struct ExecutionPermit {
    _viewer: Option<OwnedSemaphorePermit>,
    _node: Option<OwnedSemaphorePermit>,
}

impl Default for ExecutionSlots {
    fn default() -> Self {
        Self {
            node: Arc::new(Semaphore::new(SLOTS_PER_NODE)),
            viewers: Arc::new(CallerLimits::new(SLOTS_PER_VIEWER as usize)),
        }
    }
}

impl ExecutionSlots {
    /// Returns the permits of a viewer.
    pub fn of(&self, viewer: Identity) -> ViewerSlots {
        let viewer = self.viewers.of(viewer);
        let node = self.node.clone();
        ViewerSlots { viewer, node }
    }
}

impl ViewerSlots {
    /// Waits for the permits of an execution. `bytes` is the size of its previous response.
    pub async fn acquire(&self, bytes: usize) -> ExecutionPermit {
        // The semaphores are never closed. The viewer's permits come first, so that only executions that can start at
        // once wait for the node's permits.
        let viewer = self.viewer.clone().acquire_many_owned(weight(bytes)).await.ok();
        let node = self.node.clone().acquire_owned().await.ok();
        ExecutionPermit {
            _viewer: viewer,
            _node: node,
        }
    }
}

fn weight(bytes: usize) -> u32 {
    let more = u32::try_from(bytes / BYTES_PER_SLOT).unwrap_or(SLOTS_PER_VIEWER);
    more.saturating_add(1).min(SLOTS_PER_VIEWER)
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
    fn costly_executions_of_one_viewer_are_serialized() {
        let turns = ExecutionSlots::default();
        let costly = turns.of(viewer(1)).acquire(2 << 20).now_or_never().expect("free");
        assert!(turns.of(viewer(1)).acquire(0).now_or_never().is_none());
        assert!(turns.of(viewer(2)).acquire(2 << 20).now_or_never().is_some());
        drop(costly);
        let slots = turns.of(viewer(1));
        let small: Vec<_> = (0..SLOTS_PER_VIEWER)
            .filter_map(|_| slots.acquire(100).now_or_never())
            .collect();
        assert_eq!(small.len(), SLOTS_PER_VIEWER as usize);
        assert!(slots.acquire(100).now_or_never().is_none());
    }
}
