//! Remembers rejected records, so that the error of a dependent record can name the missing record and the
//! reason.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use parking_lot::Mutex;

use super::hash;

/// Maximum number of remembered records, because a source can have any number of invalid ones.
const KEPT: usize = 10_000;
/// Maximum length of a reported id in characters.
const ID_MAX: usize = 80;

/// Rejected records of one run, by type and id. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct RefusedRecords(Arc<Mutex<Records>>);

#[derive(Debug, Default)]
struct Records {
    why: HashMap<(&'static str, String), String>,
    /// Hashes of the records of erased customers. Dependent records are left out too.
    erased: HashSet<u64>,
}

impl RefusedRecords {
    /// Remembers the location and the faults of a record. Keeps the first reason for each id.
    pub fn note(&self, noun: &'static str, id: &str, why: impl FnOnce() -> String) {
        let mut records = self.0.lock();
        if records.why.len() < KEPT && !id.is_empty() {
            records.why.entry((noun, id.to_owned())).or_insert_with(why);
        }
    }

    /// Remembers that a record belongs to an erased customer.
    pub fn erase(&self, noun: &'static str, id: &str) {
        self.0.lock().erased.insert(hash(&(noun, id)));
    }

    /// Whether a record belongs to an erased customer.
    pub fn is_erased(&self, noun: &'static str, id: &str) -> bool {
        self.0.lock().erased.contains(&hash(&(noun, id)))
    }

    /// A sentence that names the missing record and, if known, the reason.
    pub fn tell(&self, noun: &'static str, id: &str) -> String {
        let records = self.0.lock();
        let one = noun.strip_suffix('s').unwrap_or(noun);
        let shown: String = id.chars().take(ID_MAX).collect();
        match records.why.get(&(noun, id.to_owned())) {
            Some(why) => format!("The {one} {shown:?} was rejected: {why}"),
            None => format!("The {one} {shown:?} does not exist."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_record_is_named_with_its_reason() {
        let refused = RefusedRecords::default();
        refused.note("tickets", "t1", || {
            "tickets.ndjson:3: id: The value is missing.".to_owned()
        });
        refused.note("tickets", "t1", || unreachable!("the first reason stays"));
        let told = refused.tell("tickets", "t1");
        assert_eq!(
            told,
            "The ticket \"t1\" was rejected: tickets.ndjson:3: id: The value is missing."
        );
        assert_eq!(
            refused.tell("tickets", "t\n2"),
            "The ticket \"t\\n2\" does not exist."
        );
    }
}
