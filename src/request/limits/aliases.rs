//! Under how many aliases one field stands in one place.
//!
//! Counted is, for each set of selections with its fragments put in their places, how often the same field carries an
//! alias. Thirty fields under thirty other names are a client that likes other names; one field under thirty names is
//! thirty times its work.

use std::collections::HashMap;

use apollo_compiler::executable::Field;

use super::{Excess, Limit};

/// The aliases of a set of selections.
#[derive(Clone, Debug, Default)]
pub struct Aliases<'a> {
    /// How often each field of this set carries one.
    here: HashMap<&'a str, u64>,
    /// The most of any field, here or deeper.
    most: u64,
}

impl<'a> Aliases<'a> {
    /// A field and what is in it.
    pub fn field(&mut self, field: &'a Field, inner: &Self) {
        self.most = self.most.max(inner.most);
        if field.alias.is_some() {
            self.note(field.name.as_str(), 1);
        }
    }

    /// A fragment in its place. It takes as many steps as it has fields with aliases, of those that are left; without
    /// any left, the document selects too much anyway.
    pub fn fragment(&mut self, inner: &Self, steps: &mut u64) {
        self.most = self.most.max(inner.most);
        for (name, count) in &inner.here {
            let Some(left) = steps.checked_sub(1) else { return };
            *steps = left;
            self.note(name, *count);
        }
    }

    fn note(&mut self, name: &'a str, count: u64) {
        let sum = self.here.entry(name).or_default();
        *sum = sum.saturating_add(count);
        self.most = self.most.max(*sum);
    }

    /// Refuses too many.
    pub fn check(&self, max: u64) -> Result<(), Excess> {
        Excess::over(Limit::Aliases, self.most, max)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Bounds, toy};
    use super::*;

    #[test]
    fn the_aliases_of_one_field_in_one_place_are_counted() {
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
