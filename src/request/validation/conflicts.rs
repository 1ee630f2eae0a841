//! Fields of one response key that cannot be merged: they are different fields, or have different arguments.
//!
//! apollo-compiler checks them too, but it compares lists only up to the length of the shorter one, and keeps a copy of
//! both values for each pair that differs: thousands of copies for a document of a megabyte. So this check runs first,
//! and its errors end the validation. A group of fields is checked once for the document, even if several operations
//! reach it.

use std::collections::{HashMap, HashSet, VecDeque};

use apollo_compiler::{
    ExecutableDocument, Name, Node, Schema,
    ast::Value,
    collections::IndexMap,
    executable::{Field, Selection, SelectionSet},
};

use super::{Mistakes, places::Places};

/// Finds the conflicts. The document must be within the limits, because fragments are expanded.
pub fn find(schema: &Schema, document: &ExecutableDocument, places: &Places) -> Mistakes {
    let mut finder = Finder {
        schema,
        document,
        places,
        checked: HashSet::new(),
        mistakes: Mistakes::default(),
    };
    for operation in document.operations.iter() {
        finder.merged([&operation.selection_set].into());
    }
    finder.mistakes
}

struct Finder<'a> {
    schema: &'a Schema,
    document: &'a ExecutableDocument,
    places: &'a Places,
    /// Groups of fields that were checked, by the addresses of the fields.
    checked: HashSet<Vec<*const Field>>,
    mistakes: Mistakes,
}

/// A field, with the type of its selection set.
type Selected<'a> = (&'a Name, &'a Node<Field>);

impl<'a> Finder<'a> {
    /// Checks selection sets that are merged.
    fn merged(&mut self, sets: VecDeque<&'a SelectionSet>) {
        let mut keys: IndexMap<&Name, Vec<Selected<'a>>> = IndexMap::default();
        let mut spread = HashSet::new();
        let mut rest = sets;
        while let Some(set) = rest.pop_front() {
            for selection in &set.selections {
                match selection {
                    Selection::Field(field) => keys
                        .entry(field.response_key())
                        .or_default()
                        .push((&set.ty, field)),
                    Selection::InlineFragment(fragment) => rest.push_back(&fragment.selection_set),
                    Selection::FragmentSpread(one) => {
                        let name = &one.fragment_name;
                        let fragment = self.document.fragments.get(name);
                        rest.extend(
                            fragment
                                .filter(|_| spread.insert(name))
                                .map(|one| &one.selection_set),
                        );
                    }
                }
            }
        }
        for fields in keys.into_values() {
            self.group(&fields);
        }
    }

    /// Checks fields of one response key, and their selection sets.
    fn group(&mut self, fields: &[Selected<'a>]) {
        let inner = fields.iter().map(|(_, field)| &field.selection_set);
        let inner: VecDeque<_> = inner.filter(|set| !set.is_empty()).collect();
        if fields.len() == 1 && inner.is_empty() {
            return;
        }
        let group = fields.iter().map(|(_, field)| std::ptr::from_ref::<Field>(field));
        if !self.checked.insert(group.collect()) {
            return;
        }
        self.compare(fields);
        if !inner.is_empty() {
            self.merged(inner);
        }
    }

    fn compare(&mut self, fields: &[Selected<'a>]) {
        let mut firsts: IndexMap<&Name, &Node<Field>> = IndexMap::default();
        for (ty, field) in fields {
            // Fields of two different object types never apply to the same object.
            let is_object = |ty: &Name| self.schema.get_object(ty).is_some();
            let meets = |other: &Name| *ty == other || !is_object(ty) || !is_object(other);
            let mut others = firsts.iter().filter(|(other, _)| meets(other));
            if let Some(why) = others.find_map(|(_, other)| difference(other, field)) {
                let pos = field.location().map(|span| self.places.at(span.offset()));
                let key = field.response_key();
                self.mistakes.add(pos, || {
                    format!(
                        "Fields \"{key}\" conflict because {why}. Use different aliases on the fields to fetch both if this \
                         was intentional."
                    )
                });
            }
            firsts.entry(ty).or_insert(field);
        }
    }
}

/// The reason why two fields cannot be merged.
fn difference(one: &Field, other: &Field) -> Option<String> {
    if one.name != other.name {
        let why = format!("\"{}\" and \"{}\" are different fields", one.name, other.name);
        return Some(why);
    }
    let arguments = |field: &Field| -> Vec<_> {
        let all = field.arguments.iter();
        all.map(|argument| (argument.name.clone(), argument.value.clone()))
            .collect()
    };
    let is_same = one.arguments.len() == other.arguments.len()
        && (one.arguments.is_empty() || same_fields(&arguments(one), &arguments(other)));
    (!is_same).then(|| "they have differing arguments".to_owned())
}

fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => same_fields(one, other),
        _ => one == other,
    }
}

/// Whether two objects are equal. The order of their fields does not matter.
fn same_fields(one: &[(Name, Node<Value>)], other: &[(Name, Node<Value>)]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    if one.iter().zip(other).all(|((one, _), (other, _))| one == other) {
        return one
            .iter()
            .zip(other)
            .all(|((_, one), (_, other))| same(one, other));
    }
    let others: HashMap<_, _> = other.iter().map(|(name, value)| (name, value)).collect();
    one.iter()
        .all(|(name, value)| others.get(name).is_some_and(|other| same(value, other)))
}

#[cfg(test)]
mod tests {
    use crate::request::{definition::Definition, limits::Bounds, validation::Validator};

    const SDL: &str = "
        interface Thing { n(in: [[Int]]): Int }
        type A implements Thing { n(in: [[Int]]): Int  thing: Thing }
        type B implements Thing { n(in: [[Int]]): Int }
        scalar JSON
        input Filter { any: [Int]  and: [Filter!]  x: JSON }
        type Query { n(in: [[Int]], filter: Filter): Int  thing: Thing  a: A }";

    fn is_valid(text: &str) -> bool {
        let validator = Validator::new(&Definition::of(SDL), false);
        let read = validator.read(text, &Bounds::of_tokens(1_000));
        let (read, _) = read.expect("within limits").expect("a document");
        validator.validate(read, text).is_ok()
    }

    fn errors_of(text: &str) -> Vec<String> {
        let validator = Validator::new(&Definition::of(SDL), false);
        let read = validator.read(text, &Bounds::of_tokens(15_000));
        let (read, _) = read.expect("within limits").expect("a document");
        let mistakes = validator.validate(read, text).expect_err("mistakes");
        let errors = mistakes.response().errors.into_iter();
        errors.map(|error| error.message).collect()
    }

    #[test]
    fn lists_of_different_lengths_conflict() {
        for text in [
            "{ n(in: [[1]]) n(in: [[1], [2]]) }",
            "{ n(in: [[1]]) n(in: [[1, 2]]) }",
            "{ n(filter: { any: [] }) ... { n(filter: { any: [1] }) } }",
            "{ thing { n(in: []) ... on A { n(in: [[1]]) } } }",
            "{ thing { ... on A { n(in: []) } ... on B { n(in: []) } ...f } } fragment f on B { n(in: [[1]]) }",
            "{ a { thing { n(in: []) } } ...f } fragment f on Query { a { thing { n(in: [[]]) } } }",
        ] {
            assert!(!is_valid(text), "{text}");
        }
        for text in [
            "{ n(in: [[1], [2]]) n(in: [[1], [2]]) }",
            "{ n(in: [[1]]) other: n(in: [[1], [2]]) }",
            "{ thing { ... on A { n(in: []) } ... on B { n(in: [[1]]) } } }",
            "{ n(in: [], filter: { any: 1, x: { a: 1, b: 2 } }) n(filter: { x: { b: 2, a: 1 }, any: 1 }, in: []) }",
        ] {
            assert!(is_valid(text), "{text}");
        }
    }

    #[test]
    fn a_conflict_is_reported_with_its_response_key() {
        for (text, why) in [
            ("{ k: n(in: 1) k: n(in: 2) }", "they have differing arguments"),
            ("{ k: n k: n(in: 2) }", "they have differing arguments"),
            (
                "{ k: n(filter: { x: { a: 1, b: 1 } }) k: n(filter: { x: { b: 2, a: 1 } }) }",
                "they have differing arguments",
            ),
            (
                "{ k: thing { n } k: a { n } }",
                "\"thing\" and \"a\" are different fields",
            ),
        ] {
            let expected = format!(
                "Fields \"k\" conflict because {why}. Use different aliases on the fields to fetch both if this was \
                 intentional."
            );
            assert_eq!(errors_of(text), [expected], "{text}");
        }
    }

    #[test]
    fn a_group_is_checked_once_for_all_operations() {
        let operations: String = (0..50).map(|n| format!("query q{n} {{ ...f }} ")).collect();
        let text = format!("{operations} fragment f on Query {{ n(in: []) n(in: [[1]]) }}");
        assert_eq!(errors_of(&text).len(), 1);
    }

    #[test]
    fn an_unknown_argument_does_not_hide_conflicts_of_others() {
        let long = "a".repeat(1_000);
        let text = format!("{{ n(no: \"{long}\") {} }}", "n(no: 1) ".repeat(1_000));
        assert_eq!(errors_of(&text).len(), 100);
    }
}
