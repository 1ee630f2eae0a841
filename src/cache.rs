//! An in-memory cache bounded by bytes.
//!
//! Layer 1. Used by everything that remembers values between requests: documents by hash, parsed documents,
//! accepted credentials. A lookup takes one access to a hash table, whatever the size of the cache. A full
//! cache evicts the entry that was used least recently.

use std::{
    borrow::Borrow,
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Overhead of an entry in bytes: its places in the hash table and in the order of use.
const ENTRY_OVERHEAD: usize = 128;
/// An entry larger than the size of the cache divided by this number is not stored, because it would evict
/// too many others.
const SHARE: usize = 16;
/// Index that marks the absence of a neighbor.
const NONE: usize = usize::MAX;

/// The cache. Each key is stored twice, so keys should be small or shared.
pub struct Cache<K, V> {
    capacity: usize,
    entries: Mutex<Entries<K, V>>,
}

struct Entries<K, V> {
    places: HashMap<K, usize>,
    /// Entries in no particular order. Each one links to the entry that was used next after it and to the one
    /// used before it.
    all: Vec<Entry<K, V>>,
    newest: usize,
    oldest: usize,
    taken: usize,
}

struct Entry<K, V> {
    key: K,
    value: V,
    takes: usize,
    newer: usize,
    older: usize,
}

impl<K: Hash + Eq + Clone, V: Clone> Cache<K, V> {
    /// An empty cache for at most `capacity` bytes.
    pub fn new(capacity: usize) -> Self {
        let entries = Entries {
            places: HashMap::new(),
            all: Vec::new(),
            newest: NONE,
            oldest: NONE,
            taken: 0,
        };
        Self {
            capacity,
            entries: Mutex::new(entries),
        }
    }

    /// Whether an entry of `bytes` bytes would be stored.
    pub fn takes(&self, bytes: usize) -> bool {
        bytes.saturating_add(ENTRY_OVERHEAD) <= self.capacity / SHARE
    }

    /// The value of a key. Marks the entry as the one used most recently.
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let mut entries = self.locked();
        let place = *entries.places.get(key)?;
        entries.used(place);
        entries.all.get(place).map(|entry| entry.value.clone())
    }

    /// Stores a value of `bytes` bytes, which include the key. Replaces the earlier value of the key. An
    /// entry that is too large is not stored, and the earlier value stays.
    pub fn put(&self, key: K, value: V, bytes: usize) {
        if !self.takes(bytes) {
            return;
        }
        let takes = bytes + ENTRY_OVERHEAD;
        let mut entries = self.locked();
        if let Some(place) = entries.places.get(&key).copied() {
            entries.remove(place);
        }
        while entries.taken + takes > self.capacity && entries.oldest != NONE {
            let oldest = entries.oldest;
            entries.remove(oldest);
        }
        let place = entries.all.len();
        entries.places.insert(key.clone(), place);
        entries.all.push(Entry {
            key,
            value,
            takes,
            newer: NONE,
            older: NONE,
        });
        entries.taken += takes;
        entries.link(place);
    }

    /// Number of entries.
    pub fn count(&self) -> usize {
        self.locked().all.len()
    }

    fn locked(&self) -> MutexGuard<'_, Entries<K, V>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq, V> Entries<K, V> {
    fn used(&mut self, place: usize) {
        if self.newest != place {
            self.unlink(place);
            self.link(place);
        }
    }

    /// Inserts an entry at the newest end of the order of use.
    fn link(&mut self, place: usize) {
        let before = std::mem::replace(&mut self.newest, place);
        if let Some(entry) = self.all.get_mut(place) {
            (entry.newer, entry.older) = (NONE, before);
        }
        match self.all.get_mut(before) {
            Some(before) => before.newer = place,
            None => self.oldest = place,
        }
    }

    fn unlink(&mut self, place: usize) {
        let Some(entry) = self.all.get(place) else { return };
        let (newer, older) = (entry.newer, entry.older);
        self.join(newer, older);
    }

    /// Links two entries as neighbors in the order of use.
    fn join(&mut self, newer: usize, older: usize) {
        match self.all.get_mut(newer) {
            Some(newer) => newer.older = older,
            None => self.newest = older,
        }
        match self.all.get_mut(older) {
            Some(older) => older.newer = newer,
            None => self.oldest = newer,
        }
    }

    fn remove(&mut self, place: usize) {
        self.unlink(place);
        let gone = self.all.swap_remove(place);
        self.places.remove(&gone.key);
        self.taken -= gone.takes;
        // `swap_remove` has moved the last entry into the gap.
        let Some(moved) = self.all.get(place) else { return };
        let (newer, older) = (moved.newer, moved.older);
        if let Some(at) = self.places.get_mut(&moved.key) {
            *at = place;
        }
        match self.all.get_mut(newer) {
            Some(newer) => newer.older = place,
            None => self.newest = place,
        }
        match self.all.get_mut(older) {
            Some(older) => older.newer = place,
            None => self.oldest = place,
        }
    }
}

impl<K, V> fmt::Debug for Cache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache")
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Room for 16 entries of 384 bytes each.
    const CAPACITY: usize = 16 * 512;

    fn cache() -> Cache<String, usize> {
        Cache::new(CAPACITY)
    }

    fn put(cache: &Cache<String, usize>, n: usize) {
        cache.put(n.to_string(), n, 512 - ENTRY_OVERHEAD);
    }

    /// The entries from newest to oldest. Follows the links in both directions and checks that they agree.
    fn order(cache: &Cache<String, usize>) -> Vec<usize> {
        let entries = cache.locked();
        let (mut down, mut at) = (Vec::new(), entries.newest);
        while let Some(entry) = entries.all.get(at) {
            down.push(entry.value);
            at = entry.older;
        }
        let (mut up, mut at) = (Vec::new(), entries.oldest);
        while let Some(entry) = entries.all.get(at) {
            up.push(entry.value);
            at = entry.newer;
        }
        up.reverse();
        assert_eq!(down, up);
        assert_eq!(
            (down.len(), entries.places.len()),
            (entries.all.len(), entries.all.len())
        );
        assert_eq!(
            entries.taken,
            entries.all.iter().map(|entry| entry.takes).sum::<usize>()
        );
        down
    }

    #[test]
    fn however_many_are_put_the_bytes_are_no_more() {
        let cache = cache();
        for n in 0..10_000 {
            put(&cache, n);
        }
        assert_eq!(order(&cache), (9_984..10_000).rev().collect::<Vec<_>>());
        assert_eq!(cache.locked().taken, CAPACITY);
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let cache = cache();
        (0..16).for_each(|n| put(&cache, n));
        assert_eq!(cache.get("0"), Some(0));
        put(&cache, 16);
        assert_eq!(
            ["0", "1", "2", "16"].map(|key| cache.get(key)),
            [Some(0), None, Some(2), Some(16)]
        );
    }

    #[test]
    fn the_order_of_use_survives_reads_and_updates() {
        let (cache, mut expected) = (cache(), Vec::new());
        let mut rng = fastrand::Rng::with_seed(1);
        for _ in 0..5_000 {
            let n = rng.usize(0..24);
            let at = expected.iter().position(|one| *one == n);
            if rng.bool() {
                assert_eq!(cache.get(n.to_string().as_str()), at.map(|_| n));
                if let Some(at) = at {
                    expected.remove(at);
                    expected.insert(0, n);
                }
            } else {
                put(&cache, n);
                at.map(|at| expected.remove(at));
                expected.insert(0, n);
                expected.truncate(16);
            }
            assert_eq!(order(&cache), expected);
        }
    }

    #[test]
    fn the_same_key_takes_its_place_once_and_a_large_thing_takes_none() {
        let cache = cache();
        put(&cache, 1);
        put(&cache, 1);
        cache.put("large".to_owned(), 2, 512);
        assert_eq!(order(&cache), [1]);
        Cache::new(0).put("any".to_owned(), 1, 0);
        assert!(!Cache::<String, usize>::new(0).takes(0));
    }
}
