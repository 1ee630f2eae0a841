//! An in-memory cache bounded by bytes.
//!
//! Layer 1. Used by everything that remembers values between requests: documents by hash, parsed documents,
//! accepted credentials. The library `quick_cache` stores the entries and selects the ones to evict: entries
//! that were used only once go first, so a caller who sends many different documents does not evict those in
//! use. See ADR 25.

use std::{
    borrow::Borrow,
    fmt,
    hash::{Hash, RandomState},
    mem::size_of,
};

use quick_cache::{OptionsBuilder, Weighter, sync};

/// Overhead of an entry in bytes, apart from its place in the table: links, state, and its share of the index.
const ENTRY_OVERHEAD: usize = 64;
/// A table that grows has room for up to as many entries again.
const SPARE: usize = 2;
/// An entry larger than the size of the cache divided by this number is not stored, because it would evict
/// too many others.
const SHARE: usize = 16;
/// The cache. Keys come from callers, so they are hashed with a random secret: a caller cannot construct keys
/// that collide.
pub struct Cache<K, V> {
    capacity: usize,
    entries: sync::Cache<K, Entry<V>, Bytes, RandomState>,
}

#[derive(Clone)]
struct Entry<V> {
    value: V,
    bytes: usize,
}

#[derive(Clone)]
struct Bytes;

impl<K, V> Weighter<K, Entry<V>> for Bytes {
    fn weight(&self, _: &K, entry: &Entry<V>) -> u64 {
        entry.bytes as u64
    }
}

impl<K: Hash + Eq, V: Clone> Cache<K, V> {
    /// Bytes of an entry, apart from the memory that its key and its value own.
    const OVERHEAD: usize = SPARE * size_of::<(K, Entry<V>)>() + ENTRY_OVERHEAD;

    /// An empty cache for at most `capacity` bytes. `typical` is the approximate size of an entry: the cache
    /// remembers the hashes of half as many evicted keys as it has such entries. A key that is stored again
    /// while its hash is remembered counts as used more than once.
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "a builder with both capacities never fails"
    )]
    pub fn new(capacity: usize, typical: usize) -> Self {
        let options = OptionsBuilder::new()
            // The capacity is divided among the shards. With one shard, the bound is exact and an entry can
            // take its share of the whole cache. Lookups only take a read lock.
            .shards(1)
            .weight_capacity(capacity as u64)
            .estimated_items_capacity(capacity / typical.max(1))
            .build()
            .expect("both capacities");
        let entries = sync::Cache::with_options(
            options,
            Bytes,
            RandomState::new(),
            sync::DefaultLifecycle::default(),
        );
        Self { capacity, entries }
    }

    /// Whether an entry that owns `bytes` bytes would be stored.
    pub fn takes(&self, bytes: usize) -> bool {
        bytes.saturating_add(Self::OVERHEAD) <= self.capacity / SHARE
    }

    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.entries.get(key).map(|entry| entry.value)
    }

    /// Stores a value. `bytes` is the size of the memory that the key and the value own, such as the text of
    /// a string. Replaces the earlier value of the key. An entry that is too large is not stored, and the
    /// earlier value stays.
    pub fn put(&self, key: K, value: V, bytes: usize) {
        if self.takes(bytes) {
            let bytes = bytes + Self::OVERHEAD;
            self.entries.insert(key, Entry { value, bytes });
        }
    }

    #[cfg(test)]
    pub fn count(&self) -> usize {
        self.entries.len()
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
    use std::thread;

    use super::*;

    const CAPACITY: usize = 64 << 10;
    /// Entries of this size fill the cache exactly.
    const BYTES: usize = 1024 - Cache::<String, usize>::OVERHEAD;

    fn cache() -> Cache<String, usize> {
        Cache::new(CAPACITY, 1024)
    }

    fn put(cache: &Cache<String, usize>, n: usize) {
        cache.put(n.to_string(), n, BYTES);
    }

    fn has(cache: &Cache<String, usize>, n: usize) -> bool {
        cache.get(n.to_string().as_str()) == Some(n)
    }

    #[test]
    fn the_bytes_never_exceed_the_capacity() {
        let cache = cache();
        let mut rng = fastrand::Rng::with_seed(1);
        for _ in 0..20_000 {
            let n = rng.usize(0..500);
            cache.put(n.to_string(), n, rng.usize(0..CAPACITY / SHARE));
            has(&cache, rng.usize(0..500));
            assert!(cache.entries.weight() <= CAPACITY as u64);
        }
        (0..1_000).for_each(|n| put(&cache, n));
        assert_eq!((cache.count(), cache.entries.weight()), (64, CAPACITY as u64));
    }

    #[test]
    fn the_counted_bytes_include_the_tables() {
        for keys in [1_000, 100_000] {
            let cache = Cache::<[u8; 32], [u64; 12]>::new(4 << 20, 1024);
            (0..keys).for_each(|n: u64| {
                let mut key = [0; 32];
                key[..8].copy_from_slice(&n.to_le_bytes());
                cache.put(key, [n; 12], 0);
            });
            let (used, counted) = (cache.entries.memory_used().total(), cache.entries.weight());
            assert!(used as u64 <= counted, "{used} {counted}");
        }
    }

    #[test]
    fn entries_in_use_stay_while_others_are_stored_once() {
        let cache = cache();
        (0..32).for_each(|n| put(&cache, n));
        for other in 1_000..20_000 {
            put(&cache, other);
            // Each of the 32 is read once while 3 200 others are stored, 50 times what the cache holds.
            if other % 100 == 0 {
                let n = other / 100 % 32;
                assert!(has(&cache, n), "{n} {other}");
            }
        }
    }

    #[test]
    fn entries_that_are_stored_again_replace_those_no_longer_used() {
        let cache = cache();
        (1_000..2_000).for_each(|n| put(&cache, n));
        for _ in 0..4 {
            (0..32)
                .filter(|n| !has(&cache, *n))
                .collect::<Vec<_>>()
                .into_iter()
                .for_each(|n| put(&cache, n));
        }
        assert!((0..32).all(|n| has(&cache, n)));
    }

    #[test]
    fn a_key_has_one_value_and_a_large_value_does_not_replace_it() {
        let cache = cache();
        cache.put("key".to_owned(), 1, BYTES);
        cache.put("key".to_owned(), 2, BYTES);
        assert_eq!((cache.get("key"), cache.entries.weight()), (Some(2), 1024));
        let most = CAPACITY / SHARE - Cache::<String, usize>::OVERHEAD;
        cache.put("key".to_owned(), 3, most + 1);
        assert_eq!(cache.get("key"), Some(2));
        cache.put("key".to_owned(), 4, most);
        assert_eq!((cache.get("key"), cache.count()), (Some(4), 1));
        let none = Cache::new(0, 1);
        none.put("key".to_owned(), 1, 0);
        assert!(!none.takes(0) && none.get("key").is_none());
    }

    #[test]
    fn threads_share_a_cache() {
        let cache = cache();
        thread::scope(|scope| {
            for seed in 0..4 {
                let cache = &cache;
                scope.spawn(move || {
                    let mut rng = fastrand::Rng::with_seed(seed);
                    for _ in 0..5_000 {
                        let n = rng.usize(0..200);
                        put(cache, n);
                        let found = cache.get(n.to_string().as_str());
                        assert!(found.is_none_or(|found| found == n));
                    }
                });
            }
        });
        assert!(cache.entries.weight() <= CAPACITY as u64);
    }
}
