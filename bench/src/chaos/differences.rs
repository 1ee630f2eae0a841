//! Differences between the events of a listener and the change log.

use std::collections::{HashMap, HashSet};

/// Number of differences between the received events and the change log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Events of the log that were not received.
    pub missing: usize,
    /// Events that were received more than once.
    pub repeated: usize,
    /// Events that were received after a later one.
    pub disordered: usize,
    /// Received events that the listener must not see, or that are not in the log.
    pub foreign: usize,
}

impl Differences {
    pub fn is_none(self) -> bool {
        self == Self::default()
    }

    pub fn add(&mut self, other: Self) {
        self.missing += other.missing;
        self.repeated += other.repeated;
        self.disordered += other.disordered;
        self.foreign += other.foreign;
    }
}

/// Compares received events with expected ones, by position and id.
pub fn compare<'a>(expected: &[(i64, &str)], got: impl Iterator<Item = (i64, &'a str)>) -> Differences {
    let objects: HashMap<i64, &str> = expected.iter().copied().collect();
    let mut differences = Differences::default();
    let mut seen = HashSet::new();
    let mut highest = 0;
    for (position, object) in got {
        if objects.get(&position) != Some(&object) {
            differences.foreign += 1;
        } else if !seen.insert(position) {
            differences.repeated += 1;
        } else if position < highest {
            differences.disordered += 1;
        }
        highest = highest.max(position);
    }
    differences.missing = objects.len() - seen.len();
    differences
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differences(got: &[(i64, &str)]) -> [usize; 4] {
        let found = compare(&[(1, "a"), (3, "b"), (4, "a"), (9, "c")], got.iter().copied());
        [found.missing, found.repeated, found.disordered, found.foreign]
    }

    #[test]
    fn missing_repeated_disordered_and_foreign_events_are_counted() {
        assert_eq!(
            differences(&[(1, "a"), (3, "b"), (4, "a"), (9, "c")]),
            [0, 0, 0, 0]
        );
        assert_eq!(differences(&[(1, "a"), (4, "a")]), [2, 0, 0, 0]);
        assert_eq!(
            differences(&[(1, "a"), (3, "b"), (3, "b"), (4, "a"), (9, "c")]),
            [0, 1, 0, 0]
        );
        assert_eq!(
            differences(&[(1, "a"), (4, "a"), (3, "b"), (9, "c")]),
            [0, 0, 1, 0]
        );
        // Right position, wrong id.
        assert_eq!(
            differences(&[(1, "a"), (2, "x"), (3, "c"), (4, "a"), (9, "c")]),
            [1, 0, 0, 2]
        );
        assert_eq!(differences(&[]), [4, 0, 0, 0]);
    }
}
