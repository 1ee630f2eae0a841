//! The pool of bytes that all bodies share, and the share of each viewer.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::BodyError;
use crate::auth::Identity;

/// Bytes of each body that do not count toward the shared pool, so that small requests are accepted
/// while large ones fill it.
const SMALL: usize = 16 << 10;

/// The pool of bytes that all bodies share. Cheap to clone.
#[derive(Clone, Debug)]
pub struct BodyMemory(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Maximum number of bytes for the bodies of one viewer.
    share: usize,
    taken: Mutex<MemoryUse>,
}

#[derive(Debug)]
struct MemoryUse {
    /// Bytes of the pool that are not reserved.
    free: usize,
    /// Reserved bytes of each viewer, including small bodies.
    viewers: HashMap<Identity, usize>,
}

/// Bytes that one body reserves until it is dropped.
#[derive(Debug)]
pub struct BodyReservation {
    memory: BodyMemory,
    who: Identity,
    bytes: usize,
}

impl BodyMemory {
    /// A pool of `bytes` bytes, of which one viewer can reserve up to `share` bytes.
    pub fn new(bytes: usize, share: usize) -> Self {
        let taken = MemoryUse {
            free: bytes,
            viewers: HashMap::new(),
        };
        Self(Arc::new(Shared {
            share,
            taken: Mutex::new(taken),
        }))
    }

    /// An empty reservation for a body of a viewer.
    pub(super) fn reserve(&self, who: Identity) -> BodyReservation {
        BodyReservation {
            memory: self.clone(),
            who,
            bytes: 0,
        }
    }

    fn taken(&self) -> MutexGuard<'_, MemoryUse> {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
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
        let share = self.memory.0.share;
        let mut taken = self.memory.taken();
        let own = taken.viewers.get(&self.who).copied().unwrap_or(0);
        let own = own.saturating_add(more);
        if own > share {
            return Err(BodyError::Crowded(share));
        }
        let counted = counted(bytes) - counted(self.bytes);
        taken.free = taken.free.checked_sub(counted).ok_or(BodyError::BodiesFull)?;
        taken.viewers.insert(self.who, own);
        self.bytes = bytes;
        Ok(())
    }
}

impl Drop for BodyReservation {
    fn drop(&mut self) {
        let mut taken = self.memory.taken();
        taken.free += counted(self.bytes);
        if let Entry::Occupied(mut own) = taken.viewers.entry(self.who) {
            *own.get_mut() = own.get().saturating_sub(self.bytes);
            // Remove viewers without bodies.
            if *own.get() == 0 {
                own.remove();
            }
        }
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
        assert!(
            memory.taken().viewers.is_empty(),
            "viewers without bodies are removed"
        );
        assert_eq!(memory.taken().free, 1 << 20, "all bytes are released");
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
