//! Documents that callers sent with their hash: as many bytes as may be, and no more.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What a document takes beside its text: its hash, and its places in two tables.
const EACH: usize = 512;
/// A document that takes more than this part of the room is not kept: it would drive out too many others.
const SHARE: usize = 16;

/// The shelf. What was not used for longest goes first.
#[derive(Debug)]
pub struct Remembered {
    bytes_max: usize,
    shelf: Mutex<Shelf>,
}

#[derive(Debug, Default)]
struct Shelf {
    documents: HashMap<Arc<str>, Document>,
    by_use: BTreeMap<u64, Arc<str>>,
    uses: u64,
    bytes: usize,
}

#[derive(Debug)]
struct Document {
    text: Arc<str>,
    used: u64,
}

impl Remembered {
    /// An empty one.
    pub fn new(bytes_max: usize) -> Self {
        let shelf = Mutex::default();
        Self { bytes_max, shelf }
    }

    /// The document with a hash.
    pub fn get(&self, hash: &str) -> Option<Arc<str>> {
        let mut shelf = self.locked();
        shelf.uses += 1;
        let now = shelf.uses;
        let document = shelf.documents.get_mut(hash)?;
        let before = std::mem::replace(&mut document.used, now);
        let text = document.text.clone();
        if let Some(hash) = shelf.by_use.remove(&before) {
            shelf.by_use.insert(now, hash);
        }
        Some(text)
    }

    /// Keeps a document. The hash must be its own.
    pub fn put(&self, hash: String, text: &str) {
        let takes = text.len().saturating_add(EACH);
        let mut shelf = self.locked();
        if takes > self.bytes_max / SHARE || shelf.documents.contains_key(hash.as_str()) {
            return;
        }
        while shelf.bytes + takes > self.bytes_max {
            let Some((_, oldest)) = shelf.by_use.pop_first() else {
                break;
            };
            if let Some(gone) = shelf.documents.remove(&oldest) {
                shelf.bytes -= gone.text.len() + EACH;
            }
        }
        shelf.uses += 1;
        let (hash, used): (Arc<str>, _) = (hash.into(), shelf.uses);
        shelf.by_use.insert(used, hash.clone());
        let text = text.into();
        shelf.documents.insert(hash, Document { text, used });
        shelf.bytes += takes;
    }

    fn locked(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A shelf for sixteen documents of 512 bytes.
    fn shelf() -> (Remembered, String) {
        (Remembered::new(16 * 1024), "x".repeat(512))
    }

    #[test]
    fn however_many_are_put_the_bytes_are_no_more() {
        let (shelf, text) = shelf();
        for n in 0..10_000 {
            shelf.put(n.to_string(), &text);
        }
        let inside = shelf.locked();
        assert_eq!((inside.documents.len(), inside.by_use.len()), (16, 16));
        assert_eq!(inside.bytes, 16 * 1024);
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let (shelf, text) = shelf();
        for n in 0..16 {
            shelf.put(n.to_string(), &text);
        }
        assert!(shelf.get("0").is_some());
        shelf.put("16".to_owned(), &text);
        let there = |hash: &str| shelf.get(hash).is_some();
        assert_eq!(["0", "1", "2", "16"].map(there), [true, false, true, true]);
    }

    #[test]
    fn the_same_document_takes_its_place_once_and_a_large_one_takes_none() {
        let (shelf, text) = shelf();
        shelf.put("a".to_owned(), &text);
        shelf.put("a".to_owned(), &text);
        shelf.put("large".to_owned(), &text.repeat(2));
        let inside = shelf.locked();
        assert_eq!((inside.documents.len(), inside.bytes), (1, 1024));
    }
}
