//! Values that callers share by key.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Weak},
};

use parking_lot::Mutex;

/// Minimum number of entries before those without users are removed.
const SWEEP_LEAST: usize = 64;

/// Values by key. A value lives as long as it has users.
#[derive(Debug)]
pub struct Shares<K, V>(Mutex<Entries<K, V>>);

#[derive(Debug)]
struct Entries<K, V> {
    values: HashMap<K, Weak<V>>,
    /// Number of entries at which those without users are removed.
    sweep_at: usize,
}

impl<K, V> Default for Shares<K, V> {
    fn default() -> Self {
        Self(Mutex::new(Entries {
            values: HashMap::new(),
            sweep_at: SWEEP_LEAST,
        }))
    }
}

impl<K: Eq + Hash, V> Shares<K, V> {
    /// Returns the value of a key, or creates it with `new` if it has no users.
    pub fn of(&self, key: K, new: impl FnOnce() -> V) -> Arc<V> {
        let mut entries = self.0.lock();
        if entries.values.len() >= entries.sweep_at {
            entries.values.retain(|_, value| value.strong_count() > 0);
            entries.sweep_at = SWEEP_LEAST.max(2 * entries.values.len());
        }
        let entry = entries.values.entry(key).or_default();
        entry.upgrade().unwrap_or_else(|| {
            let value = Arc::new(new());
            *entry = Arc::downgrade(&value);
            value
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(shares: &Shares<u32, u32>) -> usize {
        shares.0.lock().values.len()
    }

    #[test]
    fn entries_without_users_are_removed() {
        let shares = Shares::default();
        let first = shares.of(0, || 7);
        assert!(Arc::ptr_eq(&first, &shares.of(0, || 8)), "it is shared");
        for key in 1..1_000 {
            let _ = shares.of(key, || 0);
            assert!(entries(&shares) <= SWEEP_LEAST, "{}", entries(&shares));
        }
        assert_eq!(*shares.of(0, || 8), 7, "a value in use stays");
        drop(first);
        assert_eq!(*shares.of(0, || 8), 8, "a value without users is gone");
        let users: Vec<_> = (0..1_000).map(|key| shares.of(key, || key)).collect();
        assert_eq!(entries(&shares), users.len());
        drop(users);
        for key in 1_000..3_000 {
            let _ = shares.of(key, || 0);
        }
        assert!(entries(&shares) <= 2_000, "{}", entries(&shares));
    }
}
