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
const EACH: usize = 128;
/// An entry larger than the size of the cache divided by this number is not stored, because it would evict
/// too many others.
const SHARE: usize = 16;
/// Index that marks the absence of a neighbor.
const NONE: usize = usize::MAX;

/// The cache. Each key is stored twice, so keys should be small or shared.
pub struct Shelf<K, V> {
    room: usize,
    things: Mutex<Things<K, V>>,
}

struct Things<K, V> {
    places: HashMap<K, usize>,
    /// Entries in no particular order. Each one links to the entry that was used next after it and to the one
    /// used before it.
    all: Vec<Thing<K, V>>,
    newest: usize,
    oldest: usize,
    taken: usize,
}

struct Thing<K, V> {
    key: K,
    value: V,
    takes: usize,
    newer: usize,
    older: usize,
}

impl<K: Hash + Eq + Clone, V: Clone> Shelf<K, V> {
    /// An empty cache for at most `room` bytes.
    pub fn new(room: usize) -> Self {
        let things = Things {
            places: HashMap::new(),
            all: Vec::new(),
            newest: NONE,
            oldest: NONE,
            taken: 0,
        };
        Self {
            room,
            things: Mutex::new(things),
        }
    }

    /// Whether an entry of `bytes` bytes would be stored.
    pub fn takes(&self, bytes: usize) -> bool {
        bytes.saturating_add(EACH) <= self.room / SHARE
    }

    /// The value of a key. Marks the entry as the one used most recently.
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let mut things = self.locked();
        let place = *things.places.get(key)?;
        things.used(place);
        things.all.get(place).map(|thing| thing.value.clone())
    }

    /// Stores a value of `bytes` bytes, which include the key. Replaces the earlier value of the key. An
    /// entry that is too large is not stored, and the earlier value stays.
    pub fn put(&self, key: K, value: V, bytes: usize) {
        if !self.takes(bytes) {
            return;
        }
        let takes = bytes + EACH;
        let mut things = self.locked();
        if let Some(place) = things.places.get(&key).copied() {
            things.remove(place);
        }
        while things.taken + takes > self.room && things.oldest != NONE {
            let oldest = things.oldest;
            things.remove(oldest);
        }
        let place = things.all.len();
        things.places.insert(key.clone(), place);
        things.all.push(Thing {
            key,
            value,
            takes,
            newer: NONE,
            older: NONE,
        });
        things.taken += takes;
        things.link(place);
    }

    /// Number of entries.
    pub fn count(&self) -> usize {
        self.locked().all.len()
    }

    fn locked(&self) -> MutexGuard<'_, Things<K, V>> {
        self.things.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq, V> Things<K, V> {
    fn used(&mut self, place: usize) {
        if self.newest != place {
            self.unlink(place);
            self.link(place);
        }
    }

    /// Inserts an entry at the newest end of the order of use.
    fn link(&mut self, place: usize) {
        let before = std::mem::replace(&mut self.newest, place);
        if let Some(thing) = self.all.get_mut(place) {
            (thing.newer, thing.older) = (NONE, before);
        }
        match self.all.get_mut(before) {
            Some(before) => before.newer = place,
            None => self.oldest = place,
        }
    }

    fn unlink(&mut self, place: usize) {
        let Some(thing) = self.all.get(place) else { return };
        let (newer, older) = (thing.newer, thing.older);
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

impl<K, V> fmt::Debug for Shelf<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf")
            .field("room", &self.room)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Room for 16 entries of 384 bytes each.
    const ROOM: usize = 16 * 512;

    fn shelf() -> Shelf<String, usize> {
        Shelf::new(ROOM)
    }

    fn put(shelf: &Shelf<String, usize>, n: usize) {
        shelf.put(n.to_string(), n, 512 - EACH);
    }

    /// The entries from newest to oldest. Follows the links in both directions and checks that they agree.
    fn order(shelf: &Shelf<String, usize>) -> Vec<usize> {
        let things = shelf.locked();
        let (mut down, mut at) = (Vec::new(), things.newest);
        while let Some(thing) = things.all.get(at) {
            down.push(thing.value);
            at = thing.older;
        }
        let (mut up, mut at) = (Vec::new(), things.oldest);
        while let Some(thing) = things.all.get(at) {
            up.push(thing.value);
            at = thing.newer;
        }
        up.reverse();
        assert_eq!(down, up);
        assert_eq!(
            (down.len(), things.places.len()),
            (things.all.len(), things.all.len())
        );
        assert_eq!(
            things.taken,
            things.all.iter().map(|thing| thing.takes).sum::<usize>()
        );
        down
    }

    #[test]
    fn however_many_are_put_the_bytes_are_no_more() {
        let shelf = shelf();
        for n in 0..10_000 {
            put(&shelf, n);
        }
        assert_eq!(order(&shelf), (9_984..10_000).rev().collect::<Vec<_>>());
        assert_eq!(shelf.locked().taken, ROOM);
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let shelf = shelf();
        (0..16).for_each(|n| put(&shelf, n));
        assert_eq!(shelf.get("0"), Some(0));
        put(&shelf, 16);
        assert_eq!(
            ["0", "1", "2", "16"].map(|key| shelf.get(key)),
            [Some(0), None, Some(2), Some(16)]
        );
    }

    #[test]
    fn the_order_of_use_holds_whatever_is_found_and_put_again() {
        let (shelf, mut expected) = (shelf(), Vec::new());
        let mut rng = fastrand::Rng::with_seed(1);
        for _ in 0..5_000 {
            let n = rng.usize(0..24);
            let at = expected.iter().position(|one| *one == n);
            if rng.bool() {
                assert_eq!(shelf.get(n.to_string().as_str()), at.map(|_| n));
                if let Some(at) = at {
                    expected.remove(at);
                    expected.insert(0, n);
                }
            } else {
                put(&shelf, n);
                at.map(|at| expected.remove(at));
                expected.insert(0, n);
                expected.truncate(16);
            }
            assert_eq!(order(&shelf), expected);
        }
    }

    #[test]
    fn the_same_key_takes_its_place_once_and_a_large_thing_takes_none() {
        let shelf = shelf();
        put(&shelf, 1);
        put(&shelf, 1);
        shelf.put("large".to_owned(), 2, 512);
        assert_eq!(order(&shelf), [1]);
        Shelf::new(0).put("any".to_owned(), 1, 0);
        assert!(!Shelf::<String, usize>::new(0).takes(0));
    }
}
