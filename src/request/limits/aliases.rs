//! The number of aliases of one field in one selection set.
//!
//! The limit counts how often one field has an alias in one selection set, after the expansion of fragments. Thirty
//! fields with one alias each cost little more than without aliases; one field with thirty aliases costs thirty times
//! its work.

use std::collections::HashMap;

use apollo_compiler::executable::Field;

use super::{Excess, Limit};

/// The aliases of a selection set.
#[derive(Clone, Debug, Default)]
pub struct Aliases<'a> {
    /// The number of aliases of each field of this set.
    here: HashMap<&'a str, u64>,
    /// The highest number of any field, in this set or a nested one.
    most: u64,
}

impl<'a> Aliases<'a> {
    /// Adds a field with its selection set.
    pub fn field(&mut self, field: &'a Field, inner: &Self) {
        self.most = self.most.max(inner.most);
        if field.alias.is_some() {
            self.count(field.name.as_str(), 1);
        }
    }

    /// Adds an expanded fragment. Each of its fields with aliases takes one of the remaining steps. If no step remains,
    /// the document also exceeds the limit of selections.
    pub fn fragment(&mut self, inner: &Self, steps: &mut u64) {
        self.most = self.most.max(inner.most);
        for (name, count) in &inner.here {
            let Some(remaining) = steps.checked_sub(1) else {
                return;
            };
            *steps = remaining;
            self.count(name, *count);
        }
    }

    fn count(&mut self, name: &'a str, count: u64) {
        let sum = self.here.entry(name).or_default();
        *sum = sum.saturating_add(count);
        self.most = self.most.max(*sum);
    }

    pub fn check(&self, max: u64) -> Result<(), Excess> {
        Excess::over(Limit::Aliases, self.most, max)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Bounds, toy};
    use super::*;

    #[test]
    fn the_aliases_of_one_field_in_one_selection_set_are_counted() {
        let bounds = Bounds {
            aliases: 2,
            ..Bounds::default()
        };
        for document in [
            "{ n a: n b: n }",
            "{ toy { a: n b: n c: m d: m toy { a: n b: n } } }",
            "{ ...f n } fragment f on Query { a: n b: n }",
        ] {
            assert!(toy::measure(document, bounds).is_ok(), "{document}");
        }
        for document in [
            "{ a: n b: n c: n }",
            "{ toy { a: n ... { b: n } ... on Toy { c: n } } }",
            "{ a: n ...f } fragment f on Query { b: n ...g } fragment g on Query { c: n }",
            "{ n } fragment f on Toy { a: n b: n toy { n } c: n }",
            "{ ...f c: n } fragment f on Query { a: n b: n }",
        ] {
            assert_eq!(
                toy::excess(document, bounds),
                (Limit::Aliases, Some(3), 2),
                "{document}"
            );
        }
    }
}
