//! How much there is to validate.
//!
//! apollo-compiler validates the fragments of each operation anew, and keeps every mistake in every value: a fragment of some
//! thousand values that a thousand operations spread is millions of mistakes. So the operations are counted, and the values
//! in them with every fragment in its place. It is counted on the document as it was read: in the form that is run, a field
//! that is given twice in an object is one. Fragments are followed without recursion, since nothing has looked yet how deep
//! they lie in one another.

use std::collections::HashMap;

use apollo_compiler::{
    ExecutableDocument, Name, Node,
    ast::{Argument, Directive, Value},
    executable::{Selection, SelectionSet},
};

use crate::request::limits::{Excess, Limit, OPERATIONS_MAX};

/// As often as the tokens of a document may be values: those of a fragment may stand in a few places.
const VALUES_FOR_EACH_TOKEN: u64 = 2;

/// Refuses a document in which there is too much.
pub fn check(document: &ExecutableDocument, tokens_max: u64) -> Result<(), Excess> {
    let operations = u64::try_from(document.operations.iter().count()).unwrap_or(u64::MAX);
    Excess::over(Limit::Operations, operations, OPERATIONS_MAX)?;
    let values_max = tokens_max.saturating_mul(VALUES_FOR_EACH_TOKEN);
    Excess::over(Limit::Literals, values(document), values_max)
}

/// The values in all operations.
fn values(document: &ExecutableDocument) -> u64 {
    let fragments = document.fragments.iter().map(|(name, fragment)| {
        let mut part = Part::default();
        part.directives(&fragment.directives);
        part.set(&fragment.selection_set);
        (name, part)
    });
    let fragments = Fragments {
        parts: fragments.collect(),
        sums: HashMap::new(),
    };
    let sums = fragments.summed(document.fragments.keys().collect());
    let operations = document.operations.iter().map(|operation| {
        let mut part = Part::default();
        part.directives(&operation.directives);
        for variable in &operation.variables {
            part.directives(&variable.directives);
            if let Some(default) = &variable.default_value {
                part.value(default);
            }
        }
        part.set(&operation.selection_set);
        part.sum(&sums)
    });
    operations.fold(0, u64::saturating_add)
}

/// An operation or a fragment, without the fragments that it spreads.
#[derive(Default)]
struct Part<'a> {
    values: u64,
    spreads: Vec<&'a Name>,
}

impl<'a> Part<'a> {
    fn set(&mut self, set: &'a SelectionSet) {
        for selection in &set.selections {
            self.directives(selection.directives());
            match selection {
                Selection::Field(field) => {
                    self.arguments(&field.arguments);
                    self.set(&field.selection_set);
                }
                Selection::InlineFragment(fragment) => self.set(&fragment.selection_set),
                Selection::FragmentSpread(spread) => self.spreads.push(&spread.fragment_name),
            }
        }
    }

    fn directives(&mut self, directives: &[Node<Directive>]) {
        for directive in directives {
            self.arguments(&directive.arguments);
        }
    }

    fn arguments(&mut self, arguments: &[Node<Argument>]) {
        for argument in arguments {
            self.value(&argument.value);
        }
    }

    fn value(&mut self, value: &Value) {
        self.values = self.values.saturating_add(1);
        match value {
            Value::List(items) => items.iter().for_each(|item| self.value(item)),
            Value::Object(fields) => fields.iter().for_each(|(_, field)| self.value(field)),
            _ => {}
        }
    }

    /// With the fragments in their places. One that was not summed up is one that it is in itself, and is refused for that.
    fn sum(&self, sums: &HashMap<&'a Name, Option<u64>>) -> u64 {
        let inner = self.spreads.iter();
        let inner = inner.filter_map(|name| sums.get(name).copied().flatten());
        inner.fold(self.values, u64::saturating_add)
    }
}

struct Fragments<'a> {
    parts: HashMap<&'a Name, Part<'a>>,
    /// Nothing while what a fragment spreads is looked at.
    sums: HashMap<&'a Name, Option<u64>>,
}

impl<'a> Fragments<'a> {
    /// What each of these comes to.
    fn summed(mut self, mut rest: Vec<&'a Name>) -> HashMap<&'a Name, Option<u64>> {
        while let Some(name) = rest.last().copied() {
            let Some(part) = self.parts.get(name) else {
                rest.pop();
                continue;
            };
            match self.sums.get(name) {
                None => {
                    self.sums.insert(name, None);
                    let inner = part.spreads.iter().copied();
                    rest.extend(inner.filter(|inner| !self.sums.contains_key(inner)));
                }
                Some(None) => {
                    let sum = part.sum(&self.sums);
                    self.sums.insert(name, Some(sum));
                    rest.pop();
                }
                Some(Some(_)) => {
                    rest.pop();
                }
            }
        }
        self.sums
    }
}

#[cfg(test)]
mod tests {
    use crate::request::{
        definition::Definition,
        limits::{Excess, Limit},
        validation::Validator,
    };

    const SDL: &str = "
        scalar JSON
        type Query { n(n: Int, x: JSON): Int  toy: Query }";

    fn read(text: &str, tokens_max: u64) -> Result<(), Excess> {
        let validator = Validator::new(&Definition::of(SDL), false);
        validator.read(text, tokens_max).map(|read| {
            assert!(read.is_ok(), "{text}");
        })
    }

    /// That so many values are counted.
    fn assert_values(text: &str, values: u64) {
        let document = Validator::new(&Definition::of(SDL), false);
        let (read, _) = document.read(text, 10_000).expect("within limits").expect(text);
        assert_eq!(super::values(&read.document), values, "{text}");
    }

    #[test]
    fn values_are_counted_wherever_they_stand() {
        for (text, values) in [
            ("{ toy { n } }", 0),
            ("{ n(n: 1) toy { n(n: $a, x: null) } }", 3),
            ("{ n(x: [1, [2, 3], { a: 4, a: 5 }]) }", 8),
            (
                "query($a: JSON = [1, 2] @c(d: 1)) @a(b: 1) { n @skip(if: false) ... @a(b: 1) { n } ...f @a(b: 1) }",
                8,
            ),
            ("{ ...f ...f } fragment f on Query @a(b: 1) { n(n: 1) }", 4),
            (
                "query A { ...f } query B { toy { ...f } } fragment f on Query { n(n: 1) ...g } fragment g on Query { n(n: 1) }",
                4,
            ),
            ("{ n } fragment f on Query { n(n: 1) }", 0),
            (
                "{ ...f ...h } fragment f on Query { n(n: 1) ...g } fragment g on Query { ...f n(n: 1) }",
                1,
            ),
        ] {
            assert_values(text, values);
        }
    }

    #[test]
    fn too_many_values_are_refused_with_their_number() {
        let text = "{ ...f ...f } fragment f on Query { n(x: [1 1 1 1]) }";
        assert_eq!(read(text, 20), Ok(()));
        let spread = format!(
            "{{ {} }} fragment f on Query {{ n(x: [1 1 1 1]) }}",
            "...f ".repeat(20)
        );
        let refused = read(&spread, 49).unwrap_err();
        assert_eq!(
            (refused.limit, refused.found, refused.max),
            (Limit::Literals, Some(100), 98)
        );
        assert_eq!(read(&spread, 50), Ok(()));
    }

    #[test]
    fn what_grows_without_end_is_refused_however_deep_it_is() {
        let fragments: String = (0..1_000)
            .map(|n| format!("fragment f{n} on Query {{ ...f{0} ...f{0} }} ", n + 1))
            .collect();
        let text = format!("{{ ...f0 }} {fragments} fragment f1000 on Query {{ n(n: 1) }}");
        assert_eq!(read(&text, 15_000).unwrap_err().found, Some(u64::MAX));
    }

    #[test]
    fn operations_are_counted() {
        let operations = |count| {
            (0..count)
                .map(|n| format!("query q{n} {{ n }} "))
                .collect::<String>()
        };
        assert_eq!(read(&operations(50), 1_000), Ok(()));
        let refused = read(&operations(51), 1_000).unwrap_err();
        assert_eq!(
            (refused.limit, refused.found, refused.max),
            (Limit::Operations, Some(51), 50)
        );
    }
}
