//! What an operation may cost: how many things its answer may hold.
//!
//! One for each object, pages of lists included: a list as many times as its page is large, what is in it as many times
//! again. An edge and its thing are one; `pageInfo` is a part of its page. So a page of 50 tickets with their customers
//! is 1 + 50 × (1 + 1) = 101, however many of them there are: it is known before anything is read.

use async_graphql::parser::types::Field;

use super::{Bounds, Excess, Limit, sizes::Sizes};
use crate::request::types::{Count, FieldType};

/// What the smallest request costs.
pub const LEAST: u64 = 1;

/// The cost of a set of selections.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// Once.
    once: u64,
    /// For each thing on the page around it.
    each: u64,
}

impl Cost {
    /// A field and what is in it.
    pub fn field(&mut self, field: &Field, known: Option<&FieldType>, inner: Self, sizes: &Sizes<'_>) {
        // What the schema does not have will be refused.
        let Some(known) = known else { return };
        let one = inner.on_page(sizes.default).saturating_add(1);
        let more = match known.count {
            Count::None => 0,
            Count::Part => {
                self.each = self.each.saturating_add(inner.each);
                inner.once
            }
            Count::One => one,
            Count::Page => inner.on_page(sizes.page(field)).saturating_add(1),
            Count::Items => {
                self.each = self.each.saturating_add(one);
                0
            }
            Count::List(size) => one.saturating_mul(size),
            Count::Ids => one.saturating_mul(sizes.ids(field)),
            Count::Tenants => one.saturating_mul(sizes.tenants),
        };
        self.once = self.once.saturating_add(more);
    }

    /// A fragment in its place.
    pub fn fragment(&mut self, inner: Self) {
        self.once = self.once.saturating_add(inner.once);
        self.each = self.each.saturating_add(inner.each);
    }

    fn on_page(self, size: u64) -> u64 {
        self.once.saturating_add(self.each.saturating_mul(size))
    }

    /// That of a whole operation.
    pub fn total(self) -> u64 {
        self.once.max(LEAST)
    }
}

/// Refuses what costs too much.
pub fn check(cost: u64, bounds: &Bounds) -> Result<(), Excess> {
    Excess::over(Limit::Cost, cost, bounds.cost)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::toy;
    use super::*;

    fn cost(query: &str) -> u64 {
        toy::measure(query, Bounds::default()).expect("within all limits")
    }

    #[test]
    fn lists_multiply_what_is_in_them() {
        for (query, expected) in [
            ("{ n }", 1),
            ("{ __typename nowhere { n } }", 1),
            ("{ toy { n toy { n } } }", 2),
            ("{ toys(first: 50) { totalCount } }", 1),
            ("{ toys(first: 50) { nodes { n } pageInfo { hasNextPage } } }", 51),
            ("{ toys(first: 50) { nodes { toy { n } } } }", 101),
            ("{ toys(first: 50) { edges { cursor node { toy { n } } } } }", 101),
            (
                "{ toys(last: 7) { nodes { toys(first: 3) { nodes { n } } } } }",
                1 + 7 * (1 + 1 + 3),
            ),
            ("{ toys { nodes { n } } }", 21),
            ("{ toy { parts { n } } }", 101),
            ("{ toy { parts { parts { n } } } }", 1 + 100 * 101),
            ("{ nodes(ids: [1, 2, 3]) { n } }", 3),
            ("{ viewer { workspaces { n } } }", 3),
            ("mutation { make { n } }", 1),
        ] {
            assert_eq!(cost(query), expected, "{query}");
        }
    }

    #[test]
    fn fragments_cost_what_stands_in_them() {
        let query = "query A { ...f toy { ...g } }
            query B { toys(first: 99) { nodes { n } } }
            fragment f on Query { toys(first: 4) { ...page } again: toys(first: 9) { ...page } }
            fragment page on ToyConnection { totalCount ... { nodes { ...g } } }
            fragment g on Toy { n toy { n } }";
        let request = toy::request(query, json!({})).operation_name("A");
        let sum = (1 + 4 * 2) + (1 + 9 * 2) + 2;
        assert_eq!(toy::measure_with(&request, Bounds::default()), Ok(sum));
    }

    #[test]
    fn variables_their_defaults_and_what_is_wrong_with_them_are_taken_into_account() {
        let query = "query($n: Int = 5, $m: Int, $ids: [ID!]!) {
            toys(first: $n, last: $m) { nodes { n } } nodes(ids: $ids) { n } }";
        for (variables, expected) in [
            (json!({ "ids": [] }), 6),
            (json!({ "n": 8, "ids": ["1", "2"] }), 11),
            (json!({ "n": null, "ids": [] }), 21),
            (json!({ "n": null, "m": 9, "ids": [] }), 10),
            (json!({ "n": 100_000, "ids": [] }), 101),
            (json!({ "n": -1, "ids": [] }), 101),
            (json!({ "n": "8", "ids": [] }), 101),
        ] {
            let request = toy::request(query, variables.clone());
            assert_eq!(
                toy::measure_with(&request, Bounds::default()),
                Ok(expected),
                "{variables}"
            );
        }
    }

    #[test]
    fn what_costs_too_much_is_refused_with_the_figure() {
        let deep = "{ toys(first: 100) { nodes { toys(first: 100) { nodes { toys(first: 100) { nodes { n } } } } } } }";
        let expected = 1 + 100 * (1 + 1 + 100 * (1 + 1 + 100));
        let max = Bounds::default().cost;
        assert_eq!(
            toy::excess(deep, Bounds::default()),
            (Limit::Cost, Some(expected), max)
        );
        let plain = "{ toy { parts { parts { parts { parts { parts { parts { n } } } } } } } }";
        assert_eq!(toy::excess(plain, Bounds::default()).0, Limit::Cost);
    }

    #[test]
    fn introspection_costs_little_as_long_as_its_lists_do_not_multiply() {
        let small = cost("{ __schema { types { name fields { name type { ofType { name } } } } } }");
        assert!(small < 300, "{small}");
        let bomb = "{ __schema { types { fields { type { fields { type { fields { type { fields { type { fields { \
                    type { fields { name } } } } } } } } } } } } } }";
        assert_eq!(
            toy::excess(
                bomb,
                Bounds {
                    depth: 30,
                    ..Bounds::default()
                }
            )
            .0,
            Limit::Cost
        );
    }
}
