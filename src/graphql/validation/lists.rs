//! Fields of one response key that are given lists of different lengths.
//!
//! Such fields do not become one. apollo-compiler refuses those with other arguments, but compares lists only as far as the
//! shorter one goes.

use std::collections::HashSet;

use apollo_compiler::{
    ExecutableDocument, Name, Node, Schema,
    ast::Value,
    collections::IndexMap,
    executable::{Field, Selection, SelectionSet},
};

use super::literals::Wrong;

/// Looks for them in a document that is valid otherwise. Each fragment is put in its place: the document must be within
/// its limits.
pub fn conflicts(schema: &Schema, document: &ExecutableDocument) -> Vec<Wrong> {
    let mut looking = Looking {
        schema,
        document,
        wrong: Vec::new(),
    };
    for operation in document.operations.iter() {
        looking.merged(vec![&operation.selection_set]);
    }
    looking.wrong
}

struct Looking<'a> {
    schema: &'a Schema,
    document: &'a ExecutableDocument,
    wrong: Vec<Wrong>,
}

/// A field, with the type that it is selected of.
type Selected<'a> = (&'a Name, &'a Node<Field>);

impl<'a> Looking<'a> {
    /// Looks at selections that become one.
    fn merged(&mut self, sets: Vec<&'a SelectionSet>) {
        let mut keys: IndexMap<&Name, Vec<Selected<'a>>> = IndexMap::default();
        let mut seen = HashSet::new();
        let mut rest = sets;
        while let Some(set) = rest.pop() {
            for selection in &set.selections {
                match selection {
                    Selection::Field(field) => keys
                        .entry(field.response_key())
                        .or_default()
                        .push((&set.ty, field)),
                    Selection::InlineFragment(fragment) => rest.push(&fragment.selection_set),
                    Selection::FragmentSpread(spread) => {
                        let name = &spread.fragment_name;
                        let fragment = self.document.fragments.get(name);
                        rest.extend(
                            fragment
                                .filter(|_| seen.insert(name))
                                .map(|one| &one.selection_set),
                        );
                    }
                }
            }
        }
        for fields in keys.into_values() {
            self.compare(&fields);
            let inner = fields.iter().map(|(_, field)| &field.selection_set);
            let inner: Vec<_> = inner.filter(|set| !set.is_empty()).collect();
            if !inner.is_empty() {
                self.merged(inner);
            }
        }
    }

    fn compare(&mut self, fields: &[Selected<'a>]) {
        let mut firsts: IndexMap<&Name, &Node<Field>> = IndexMap::default();
        for (ty, field) in fields {
            // Of two objects only one is there.
            let is_object = |ty: &Name| self.schema.get_object(ty).is_some();
            let meets = |other: &Name| *ty == other || !is_object(ty) || !is_object(other);
            let mut others = firsts.iter().filter(|(other, _)| meets(other));
            if !others.all(|(_, other)| same_arguments(other, field)) {
                let key = field.response_key();
                let why = format!(
                    "Fields \"{key}\" conflict because they have differing arguments. Use different aliases on the fields \
                     to fetch both if this was intentional."
                );
                self.wrong.push((field.location(), why));
            }
            firsts.entry(ty).or_insert(field);
        }
    }
}

fn same_arguments(one: &Field, other: &Field) -> bool {
    one.arguments.iter().all(|argument| {
        let same = |given: &Node<Value>| same(&argument.value, given);
        other.specified_argument_by_name(&argument.name).is_none_or(same)
    })
}

/// Whether two values are one, which apollo-compiler takes for the same.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::List(one), Value::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => one.iter().all(|(name, value)| {
            let mut others = other.iter().filter(|(other, _)| other == name);
            others.all(|(_, other)| same(value, other))
        }),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use crate::graphql::validation::Validator;

    const SDL: &str = "
        interface Thing { n(in: [[Int]]): Int }
        type A implements Thing { n(in: [[Int]]): Int  thing: Thing }
        type B implements Thing { n(in: [[Int]]): Int }
        input Filter { any: [Int] }
        type Query { n(in: [[Int]], filter: Filter): Int  thing: Thing  a: A }";

    fn is_valid(text: &str) -> bool {
        let validator = Validator::new(SDL, false);
        let (read, _) = validator
            .read(text, 1_000)
            .expect("within limits")
            .expect("a document");
        validator.validate(read, text).is_ok()
    }

    #[test]
    fn lists_of_different_lengths_do_not_become_one() {
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
        ] {
            assert!(is_valid(text), "{text}");
        }
    }
}
