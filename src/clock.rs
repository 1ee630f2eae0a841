//! Source of time, ids and random bytes.
//!
//! Layer 1. All modules above read a [`Clock`] and never the system, so that tests control the time and the
//! ids. Ids are UUIDs of version 7. They grow with time, so that rows created together are stored together.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use entity::Timestamp;
use uuid::Uuid;

/// A source that a [`Clock`] reads.
trait Source: Send + Sync {
    fn now(&self) -> Timestamp;
    fn uuid(&self) -> Uuid;
    fn random(&self) -> [u8; 32];
}

/// The source of time, ids and randomness. Cheap to clone.
#[derive(Clone)]
pub struct Clock(Arc<dyn Source>);

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

impl Clock {
    /// A clock that reads the system.
    pub fn system() -> Self {
        Self(Arc::new(System))
    }

    /// A clock that does not advance by itself and counts ids up from a seed. The returned [`ClockControl`] move it.
    pub fn manual(start: Timestamp, seed: u64) -> (Self, ClockControl) {
        let manual = Arc::new(Manual {
            now: AtomicI64::new(start.0),
            seed,
            given: AtomicU64::new(0),
        });
        (Self(manual.clone()), ClockControl(manual))
    }

    pub fn now(&self) -> Timestamp {
        self.0.now()
    }

    /// A new id, greater than all ids that this clock has returned before.
    pub fn id<T: From<Uuid>>(&self) -> T {
        self.0.uuid().into()
    }

    /// 256 bits that cannot be guessed.
    pub fn random(&self) -> [u8; 32] {
        self.0.random()
    }
}

struct System;

#[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
impl Source for System {
    fn now(&self) -> Timestamp {
        chrono::Utc::now().into()
    }

    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    #[expect(
        clippy::expect_used,
        reason = "a machine without randomness must not hand out secrets"
    )]
    fn random(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system gives randomness");
        bytes
    }
}

struct Manual {
    now: AtomicI64,
    seed: u64,
    given: AtomicU64,
}

impl Source for Manual {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::SeqCst))
    }

    fn uuid(&self) -> Uuid {
        let count = self.given.fetch_add(1, Ordering::SeqCst);
        let mut tail = [0; 10];
        // The count comes after the version and variant bits and before the seed, so that ids of the same
        // millisecond sort in the order of their creation.
        tail[3..8].copy_from_slice(&count.to_be_bytes()[3..8]);
        tail[8..10].copy_from_slice(&self.seed.to_be_bytes()[6..8]);
        let millis = u64::try_from(self.now().0).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }

    fn random(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(self.uuid().as_bytes());
        bytes
    }
}

/// Moves a manual clock.
#[derive(Clone)]
pub struct ClockControl(Arc<Manual>);

impl fmt::Debug for ClockControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClockControl")
    }
}

impl ClockControl {
    /// Moves the clock forward, or backward when the value is negative.
    pub fn advance_ms(&self, milliseconds: i64) {
        self.0.now.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use entity::CustomerId;

    use super::*;

    #[test]
    fn a_manual_clock_creates_growing_ids_without_advancing() {
        let (clock, clock_control) = Clock::manual(Timestamp(1_700_000_000_000), 1);
        let first: CustomerId = clock.id();
        let second: CustomerId = clock.id();
        assert!(first < second);
        assert_eq!(clock.now(), Timestamp(1_700_000_000_000));
        clock_control.advance_ms(5);
        assert_eq!(clock.now(), Timestamp(1_700_000_000_005));
        assert!(second < clock.id());
        let many: Vec<CustomerId> = (0..70_000).map(|_| clock.id()).collect();
        assert!(many.is_sorted_by(|one, next| one < next));
    }
}
