//! What one run remembers from one noun to the next.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::refused::Refused;

/// Tags that are remembered: what comes from outside may be any number of them.
const TAGS_KEPT: usize = 100_000;

/// What one run remembers. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// Records that were refused.
    pub refused: Refused,
    /// Tags by their ids.
    pub tags: TagNames,
}

/// The names of tags that a vendor gives by id. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct TagNames(Arc<Mutex<HashMap<String, String>>>);

impl TagNames {
    /// Remembers one.
    pub fn note(&self, id: &str, name: &str) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() < TAGS_KEPT {
            names.insert(id.to_owned(), name.to_owned());
        }
    }

    /// The name of a tag, if it was told.
    pub fn of(&self, id: &str) -> Option<String> {
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.get(id).cloned()
    }
}
