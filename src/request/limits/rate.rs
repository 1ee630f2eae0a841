//! The rate limit: a token bucket of cost for each caller.
//!
//! A bucket belongs to an identity: all credentials of the same identity share one bucket. Buckets are stored in the
//! memory of one process. Full buckets are dropped. If there are too many callers, the buckets of those that were
//! inactive the longest are dropped too; these callers start with a full bucket again.

use std::collections::HashMap;

use entity::Timestamp;
use parking_lot::Mutex;

use crate::{auth::Identity, clock::Clock};

/// The maximum number of callers in each of the two generations.
const CALLERS_MAX: usize = 50_000;
/// The number of fractions in a unit of cost. Fractions keep a slow refill from being rounded away between two requests.
const FRACTION: u64 = 1_000;

/// The quotas of callers.
#[derive(Debug)]
pub struct Rate {
    per_second: u64,
    size: u64,
    clock: Clock,
    buckets: Mutex<Buckets>,
}

/// Two generations: the bucket of an active caller moves to the young one. The old one is dropped when the young one is
/// full or its age is the time that an empty bucket takes to fill.
#[derive(Debug)]
struct Buckets {
    young: HashMap<Identity, Bucket>,
    old: HashMap<Identity, Bucket>,
    since: Timestamp,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// The remaining quota at the time `at`, in fractions.
    remaining: u64,
    at: Timestamp,
}

/// The quota of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// The size of the bucket.
    pub limit: u64,
    pub remaining: u64,
    /// The time at which the bucket is full again if no request is charged until then.
    pub reset_at: Timestamp,
}

/// The remaining quota is too small for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Seconds until the quota is large enough.
    pub seconds: u64,
    pub cost: u64,
    pub balance: Balance,
}

impl Rate {
    /// Creates buckets with a size and a refill rate.
    pub fn new(per_second: u32, size: u32, clock: Clock) -> Self {
        let buckets = Buckets {
            young: HashMap::new(),
            old: HashMap::new(),
            since: clock.now(),
        };
        Self {
            per_second: u64::from(per_second).max(1),
            size: u64::from(size).max(1),
            clock,
            buckets: Mutex::new(buckets),
        }
    }

    /// Takes a cost from a caller's bucket. A cost over the size of the bucket takes a full bucket.
    pub fn take(&self, who: Identity, cost: u64) -> Result<(), Wait> {
        let now = self.clock.now();
        let mut buckets = self.buckets.lock();
        let bucket = self.bucket(&mut buckets, who, now);
        let wanted = cost.min(self.size) * FRACTION;
        if let Some(remaining) = bucket.remaining.checked_sub(wanted) {
            bucket.remaining = remaining;
            return Ok(());
        }
        let missing = wanted - bucket.remaining;
        Err(Wait {
            seconds: missing.div_ceil(self.per_second * FRACTION),
            cost,
            balance: self.balance_of(*bucket, now),
        })
    }

    pub fn balance(&self, who: Identity) -> Balance {
        let now = self.clock.now();
        let bucket = *self.bucket(&mut self.buckets.lock(), who, now);
        self.balance_of(bucket, now)
    }

    fn balance_of(&self, bucket: Bucket, now: Timestamp) -> Balance {
        // The refill per millisecond in fractions equals the refill per second in units.
        let full_in = (self.size * FRACTION - bucket.remaining).div_ceil(self.per_second);
        Balance {
            limit: self.size,
            remaining: bucket.remaining / FRACTION,
            reset_at: Timestamp(now.0.saturating_add_unsigned(full_in)),
        }
    }

    fn bucket<'a>(&self, buckets: &'a mut Buckets, who: Identity, now: Timestamp) -> &'a mut Bucket {
        let full = self.size * FRACTION;
        let milliseconds = i64::try_from(full.div_ceil(self.per_second)).unwrap_or(i64::MAX);
        let is_over = now.0.saturating_sub(buckets.since.0) >= milliseconds;
        if is_over || buckets.young.len() >= CALLERS_MAX {
            buckets.old = std::mem::take(&mut buckets.young);
            buckets.since = now;
        }
        let known = buckets.old.remove(&who);
        let new = Bucket {
            remaining: full,
            at: now,
        };
        let bucket = buckets.young.entry(who).or_insert(known.unwrap_or(new));
        // A clock that goes back does not change the quota.
        let passed = u64::try_from(now.0.saturating_sub(bucket.at.0)).unwrap_or_default();
        bucket.remaining = full.min(
            bucket
                .remaining
                .saturating_add(passed.saturating_mul(self.per_second)),
        );
        bucket.at = now;
        bucket
    }
}

#[cfg(test)]
mod tests {
    use entity::{AgentId, CustomerId};
    use uuid::Uuid;

    use super::*;
    use crate::clock::ClockControl;

    fn rate(per_second: u32, size: u32) -> (Rate, ClockControl) {
        let (clock, clock_control) = Clock::manual(Timestamp(1_000_000), 1);
        (Rate::new(per_second, size, clock), clock_control)
    }

    fn caller(n: u128) -> Identity {
        Identity::Customer(CustomerId(Uuid::from_u128(n)))
    }

    #[test]
    fn a_bucket_is_refilled_over_time() {
        let (rate, clock_control) = rate(10, 100);
        assert_eq!(rate.take(caller(1), 70), Ok(()));
        let wait = rate.take(caller(1), 70).unwrap_err();
        assert_eq!((wait.seconds, wait.balance.remaining), (4, 30));
        assert_eq!(wait.balance.reset_at, Timestamp(1_007_000));
        clock_control.advance_ms(3_999);
        assert_eq!(rate.take(caller(1), 70).map_err(|wait| wait.seconds), Err(1));
        clock_control.advance_ms(1);
        assert_eq!(rate.take(caller(1), 70), Ok(()));
        clock_control.advance_ms(3_600_000);
        assert_eq!(
            rate.balance(caller(1)).remaining,
            100,
            "not more than the size of the bucket"
        );
        clock_control.advance_ms(-3_600_000);
        assert_eq!(rate.balance(caller(1)).remaining, 100);
    }

    #[test]
    fn each_caller_has_its_own_bucket() {
        let (rate, _) = rate(1, 10);
        assert_eq!(rate.take(caller(1), 10), Ok(()));
        assert_eq!(rate.take(caller(2), 10), Ok(()));
        let agent = Identity::Agent(AgentId(Uuid::from_u128(1)));
        assert_eq!(rate.take(agent, 10), Ok(()));
        assert!(rate.take(caller(1), 1).is_err());
    }

    #[test]
    fn a_cost_over_the_size_of_the_bucket_takes_a_full_bucket() {
        let (rate, clock_control) = rate(10, 100);
        assert_eq!(rate.take(caller(1), 5_000), Ok(()));
        assert_eq!(rate.take(caller(1), 5_000).map_err(|wait| wait.seconds), Err(10));
        clock_control.advance_ms(10_000);
        assert_eq!(rate.take(caller(1), 5_000), Ok(()));
    }

    #[test]
    fn memory_is_bounded_and_active_callers_are_remembered() {
        let (rate, _) = rate(1, 10);
        for n in 0..200_000 {
            rate.take(caller(n + 2), 1).expect("enough");
            if n % 1_000 == 0 {
                rate.take(caller(1), 0).expect("nothing");
            }
            if n == 0 {
                rate.take(caller(1), 10).expect("enough");
            }
        }
        assert!(rate.take(caller(1), 1).is_err());
        let buckets = rate.buckets.lock();
        assert!(buckets.young.len() + buckets.old.len() <= 2 * CALLERS_MAX);
    }

    #[test]
    fn a_change_of_generations_drops_only_full_buckets() {
        let (rate, clock_control) = rate(1, 10);
        clock_control.advance_ms(9_999);
        rate.take(caller(1), 10).expect("enough");
        clock_control.advance_ms(2);
        rate.take(caller(2), 1).expect("enough");
        assert_eq!(rate.balance(caller(1)).remaining, 0);
        clock_control.advance_ms(20_000);
        rate.take(caller(2), 1).expect("enough");
        clock_control.advance_ms(20_000);
        rate.take(caller(2), 1).expect("enough");
        let buckets = rate.buckets.lock();
        assert!(buckets.old.len() + buckets.young.len() <= 2);
    }
}
