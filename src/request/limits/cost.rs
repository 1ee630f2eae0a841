//! The cost of an operation: the number of objects that its response can contain.
//!
//! Each object costs 1, and so does each page. The objects of a page, with everything that is selected of them, are
//! multiplied by the size of the page. An edge and its node are one object; `pageInfo` is a part of its page. So a page
//! of 50 objects, each with one nested object, costs 1 + 50 × (1 + 1) = 101, even if fewer objects exist: the cost is
//! known before the database is read.

use apollo_compiler::executable::Field;

use super::{
    Bounds, Excess, Limit,
    sizes::{Arguments, Sizes},
};
use crate::request::count::Count;

/// The lowest cost of a request.
pub const LEAST: u64 = 1;

/// The cost of a selection set. Parts that depend on variables remain open until the variables are known. So a document
/// is walked once, and each request computes its cost from the open parts.
#[derive(Clone, Debug, Default)]
pub struct Cost {
    known: Sum,
    open: Vec<Open>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    /// The part that counts once.
    once: u64,
    /// The part that counts for each object of the parent page.
    each: u64,
}

/// A part of a cost that depends on variables.
#[derive(Clone, Debug)]
enum Open {
    /// A field with the cost of its selection set.
    Field(Count, Arguments, Cost),
    /// An expanded fragment, by number.
    Fragment(usize),
}

impl Sum {
    fn and(self, other: Self) -> Self {
        Self {
            once: self.once.saturating_add(other.once),
            each: self.each.saturating_add(other.each),
        }
    }

    fn on_page(self, size: u64) -> u64 {
        self.once.saturating_add(self.each.saturating_mul(size))
    }
}

/// The cost of a field, computed from the cost of its selection set.
fn cost_of(count: Count, arguments: &Arguments, inner: Sum, sizes: &Sizes<'_>) -> Sum {
    let one = inner.on_page(sizes.default).saturating_add(1);
    let once = match count {
        Count::None => 0,
        Count::Part => return inner,
        Count::Items => return Sum { once: 0, each: one },
        Count::One => one,
        Count::Page => inner.on_page(sizes.page(arguments)).saturating_add(1),
        Count::Groups => inner.on_page(sizes.groups(arguments)).saturating_add(1),
        Count::Ids => one.saturating_mul(sizes.length(arguments)),
        Count::Tenants => one.saturating_mul(sizes.tenants),
        Count::List(size) => one.saturating_mul(size),
    };
    Sum { once, each: 0 }
}

impl Cost {
    /// Adds a field with the cost of its selection set.
    pub fn field(&mut self, field: &Field, count: Count, inner: Self, sizes: &Sizes<'_>) {
        if count == Count::None {
            return;
        }
        let arguments = Arguments::of(field, count);
        if inner.open.is_empty() && arguments.are_known() && count != Count::Tenants {
            self.known = self.known.and(cost_of(count, &arguments, inner.known, sizes));
        } else {
            self.open.push(Open::Field(count, arguments, inner));
        }
    }

    pub fn inline(&mut self, inner: Self) {
        self.known = self.known.and(inner.known);
        self.open.extend(inner.open);
    }

    /// Adds an expanded fragment with its number.
    pub fn fragment(&mut self, number: usize, inner: &Self) {
        if inner.open.is_empty() {
            self.known = self.known.and(inner.known);
        } else {
            self.open.push(Open::Fragment(number));
        }
    }

    /// The cost of a whole operation. `fragments` is indexed by number, and each fragment is computed once.
    pub fn total(&self, fragments: &[Self], sizes: &Sizes<'_>) -> u64 {
        let mut done = vec![None; fragments.len()];
        self.sum(fragments, sizes, &mut done).once.max(LEAST)
    }

    fn sum(&self, fragments: &[Self], sizes: &Sizes<'_>, done: &mut [Option<Sum>]) -> Sum {
        let mut sum = self.known;
        for open in &self.open {
            sum = sum.and(match open {
                Open::Field(count, arguments, inner) => {
                    cost_of(*count, arguments, inner.sum(fragments, sizes, done), sizes)
                }
                Open::Fragment(number) => {
                    match (done.get(*number).copied().flatten(), fragments.get(*number)) {
                        (Some(known), _) => known,
                        (None, Some(fragment)) => {
                            let computed = fragment.sum(fragments, sizes, done);
                            if let Some(place) = done.get_mut(*number) {
                                *place = Some(computed);
                            }
                            computed
                        }
                        (None, None) => Sum::default(),
                    }
                }
            });
        }
        sum
    }
}

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
    fn lists_multiply_the_cost_of_their_elements() {
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
            ("{ groups { total { n } } }", 2),
            ("{ groups { nodes { n } } }", 101),
            (
                "{ groups(first: 1000) { total { n } nodes { n toy { n } } } }",
                2002,
            ),
            ("{ groups(first: 5000) { nodes { n } } }", 1001),
            ("mutation { make { n } }", 1),
        ] {
            assert_eq!(cost(query), expected, "{query}");
        }
    }

    #[test]
    fn fragments_cost_as_much_as_their_fields() {
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
    fn values_and_defaults_of_variables_count_and_invalid_sizes_count_as_the_largest() {
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
    fn an_operation_over_the_bound_is_refused_with_its_cost() {
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
    fn introspection_is_cheap_unless_its_lists_are_nested() {
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
