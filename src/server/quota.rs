//! Limits the resources that one viewer uses at a time, over all its connections.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::auth::Identity;

/// A limit per viewer, for example on sockets or operations.
#[derive(Clone, Debug)]
pub struct Quota(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    max: usize,
    taken: Mutex<HashMap<Identity, usize>>,
}

/// A used amount, released on drop.
#[derive(Debug)]
pub struct Reservation {
    quota: Quota,
    who: Identity,
    amount: usize,
}

impl Quota {
    /// A quota of `max` for each viewer.
    pub fn new(max: usize) -> Self {
        Self(Arc::new(Inner {
            max,
            taken: Mutex::default(),
        }))
    }

    /// Uses an amount for a viewer. Returns `None` when the viewer would exceed its quota.
    pub fn take(&self, who: Identity, amount: usize) -> Option<Reservation> {
        let mut taken = self.taken();
        let now = taken.get(&who).copied().unwrap_or(0).saturating_add(amount);
        if now > self.0.max {
            return None;
        }
        taken.insert(who, now);
        Some(Reservation {
            quota: self.clone(),
            who,
            amount,
        })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<Identity, usize>> {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut taken = self.quota.taken();
        if let Entry::Occupied(mut all) = taken.entry(self.who) {
            *all.get_mut() = all.get().saturating_sub(self.amount);
            // Remove viewers that use nothing.
            if *all.get() == 0 {
                all.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use entity::CustomerId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn viewers_have_equal_quotas_that_are_refunded() {
        let quota = Quota::new(10);
        let [one, other] = [1, 2].map(|id| Identity::Customer(CustomerId(Uuid::from_u128(id))));
        let first = quota.take(one, 6).expect("enough");
        assert!(quota.take(one, 5).is_none());
        let second = quota.take(one, 4).expect("just enough");
        let _theirs = quota.take(other, 10).expect("a quota of its own");
        drop(first);
        let third = quota.take(one, 6).expect("the released amount");
        drop((second, third));
        assert_eq!(quota.taken().len(), 1, "the first viewer is removed");
    }
}
