//! The pool of bytes that all bodies share, and the share of each viewer.

use std::sync::Arc;

use super::BodyError;
use crate::{
    auth::Identity,
    budget::{Pool, Shares},
};

/// Bytes of each body that do not count toward the shared pool, so that small requests are accepted
/// while large ones fill it.
const SMALL: usize = 16 << 10;

/// The pool of bytes that all bodies share, and the share of each viewer.
#[derive(Debug)]
pub struct BodyMemory {
    /// Maximum number of bytes for the bodies of one viewer.
    share: usize,
    /// Bytes of the bodies of each viewer, including small ones.
    viewers: Shares<Identity, Pool>,
    /// Bytes of all bodies, without small ones.
    node: Arc<Pool>,
}

/// Bytes that one body reserves until it is dropped.
#[derive(Debug)]
pub struct BodyReservation {
    viewer: Arc<Pool>,
    node: Arc<Pool>,
    bytes: usize,
}

impl BodyMemory {
    /// A pool of `bytes` bytes, of which one viewer can reserve up to `share` bytes.
    pub fn new(bytes: usize, share: usize) -> Self {
        Self {
            share,
            viewers: Shares::default(),
            node: Arc::new(Pool::new(bytes)),
        }
    }

    /// An empty reservation for a body of a viewer.
    pub(super) fn reserve(&self, who: Identity) -> BodyReservation {
        BodyReservation {
            viewer: self.viewers.of(who, || Pool::new(self.share)),
            node: self.node.clone(),
            bytes: 0,
        }
    }
}

impl BodyReservation {
    /// Reserved bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Increases the reservation to `bytes` bytes. Never shrinks it. Fails when a bound would be exceeded.
    pub fn grow(&mut self, bytes: usize) -> Result<(), BodyError> {
        let Some(more) = bytes.checked_sub(self.bytes) else {
            return Ok(());
        };
        if !self.viewer.take(more) {
            return Err(BodyError::Crowded(self.viewer.max));
        }
        if !self.node.take(counted(bytes) - counted(self.bytes)) {
            self.viewer.give_back(more);
            return Err(BodyError::BodiesFull);
        }
        self.bytes = bytes;
        Ok(())
    }
}

impl Drop for BodyReservation {
    fn drop(&mut self) {
        self.viewer.give_back(self.bytes);
        self.node.give_back(counted(self.bytes));
    }
}

/// The bytes of one body that count toward the shared pool.
fn counted(bytes: usize) -> usize {
    bytes.saturating_sub(SMALL)
}

#[cfg(test)]
mod tests {
    use entity::CustomerId;
    use uuid::Uuid;

    use super::*;

    fn viewers() -> [Identity; 2] {
        [1, 2].map(|id| Identity::Customer(CustomerId(Uuid::from_u128(id))))
    }

    #[test]
    fn each_viewer_has_a_bounded_share_of_memory() {
        let [one, other] = viewers();
        let memory = BodyMemory::new(1 << 20, 100_000);
        let (mut first, mut second) = (memory.reserve(one), memory.reserve(one));
        first.grow(60_000).expect("room");
        assert_eq!(second.grow(60_000), Err(BodyError::Crowded(100_000)));
        second.grow(40_000).expect("the rest of the share");
        memory.reserve(other).grow(100_000).expect("a share of its own");
        drop(first);
        second.grow(100_000).expect("the released bytes");
        drop(second);
        assert_eq!(memory.node.taken(), 0, "all bytes are released");
    }

    #[test]
    fn small_bodies_fit_when_large_bodies_do_not() {
        let [one, other] = viewers();
        let memory = BodyMemory::new(100_000, 200_000);
        let mut large = memory.reserve(one);
        large.grow(100_000 + SMALL).expect("all of the room");
        let mut reservation = memory.reserve(other);
        reservation.grow(SMALL).expect("small");
        assert_eq!(reservation.grow(SMALL + 1), Err(BodyError::BodiesFull));
        drop(large);
        reservation.grow(SMALL + 1).expect("the released bytes");
    }
}
