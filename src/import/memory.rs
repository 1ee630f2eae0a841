//! Data that one run shares between record types.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;

use super::refused::RefusedRecords;

/// Maximum number of remembered tags, because a source can have any number of them.
const TAGS_KEPT: usize = 100_000;

/// Data that one run remembers. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    pub refused: RefusedRecords,
    /// Names of tags by id.
    pub tags: TagNames,
}

/// Names of tags that a vendor refers to by id. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct TagNames(Arc<Mutex<HashMap<String, String>>>);

impl TagNames {
    /// Remembers the name of a tag. Ignored when the memory is full.
    pub fn note(&self, id: &str, name: &str) {
        let mut names = self.0.lock();
        if names.len() < TAGS_KEPT {
            names.insert(id.to_owned(), name.to_owned());
        }
    }

    /// The name of a tag, if known.
    pub fn of(&self, id: &str) -> Option<String> {
        let names = self.0.lock();
        names.get(id).cloned()
    }
}
