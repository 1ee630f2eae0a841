//! Records that were refused, so that what hangs below them can say which record is missing and why.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Records that are remembered: what comes from outside may be refused as a whole.
const KEPT: usize = 10_000;
/// Longest id that is told, in characters.
const ID_MAX: usize = 80;

/// Refused records of one run, by noun and id. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Refused(Arc<Mutex<HashMap<(&'static str, String), String>>>);

impl Refused {
    /// Notes where a record stands, and what is wrong with it.
    pub fn note(&self, noun: &'static str, id: &str, why: impl FnOnce() -> String) {
        let mut records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if records.len() < KEPT && !id.is_empty() {
            records.entry((noun, id.to_owned())).or_insert_with(why);
        }
    }

    /// Which record is missing, and why where that is known.
    pub fn tell(&self, noun: &'static str, id: &str) -> String {
        let records = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let one = noun.strip_suffix('s').unwrap_or(noun);
        let shown: String = id.chars().take(ID_MAX).collect();
        match records.get(&(noun, id.to_owned())) {
            Some(why) => format!("the {one} {shown:?} was refused ({why})"),
            None => format!("there is no {one} {shown:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_record_is_named_with_its_reason() {
        let refused = Refused::default();
        refused.note("tickets", "t1", || "tickets.ndjson:3: id: is missing".to_owned());
        refused.note("tickets", "t1", || unreachable!("the first reason stays"));
        let told = refused.tell("tickets", "t1");
        assert_eq!(
            told,
            "the ticket \"t1\" was refused (tickets.ndjson:3: id: is missing)"
        );
        assert_eq!(refused.tell("tickets", "t\n2"), "there is no ticket \"t\\n2\"");
    }
}
