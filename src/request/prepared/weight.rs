//! How many bytes a document takes once it is read: an estimate, rather too high than too low.

use std::mem::size_of;

use async_graphql::{
    Name, Positioned,
    parser::types::{
        Directive, ExecutableDocument, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
        VariableDefinition,
    },
};
use async_graphql_value::Value;

use crate::request::complete::Field;

/// A name in memory of its own, with what counts those who hold it; and what an allocation takes beside itself.
const NAME: usize = 64;
/// An entry of a table, beside what is in it.
const ENTRY: usize = 48;
/// Vectors that grow have room to spare.
const SPARE: usize = 2;

/// A field of what an answer looks like: in its list and in the table of its places, with tables of its own.
const FIELD: usize = SPARE * size_of::<Field>() + 2 * ENTRY + NAME;

/// The bytes of a document whose text is so long, with what its answers look like: so many fields.
pub fn of(text: usize, document: &ExecutableDocument, fields: usize) -> usize {
    let operations = document.operations.iter().map(|(_, operation)| {
        let operation = &operation.node;
        let variables = operation.variable_definitions.iter().map(|one| {
            let default = one.node.default_value.as_ref();
            let default = default.map_or(0, |value| self::value(&value.node.clone().into_value()));
            SPARE * size_of::<Positioned<VariableDefinition>>() + 2 * NAME + default
        });
        size_of::<Positioned<OperationDefinition>>()
            + ENTRY
            + NAME
            + variables.sum::<usize>()
            + directives(&operation.directives)
            + set(&operation.selection_set.node)
    });
    let fragments = document.fragments.values().map(|fragment| {
        size_of::<Positioned<FragmentDefinition>>()
            + ENTRY
            + 2 * NAME
            + directives(&fragment.node.directives)
            + set(&fragment.node.selection_set.node)
    });
    text + operations.sum::<usize>() + fragments.sum::<usize>() + fields * FIELD
}

fn set(set: &SelectionSet) -> usize {
    set.items.iter().map(|one| selection(&one.node)).sum()
}

fn selection(selection: &Selection) -> usize {
    let each = SPARE * size_of::<Positioned<Selection>>() + ENTRY + 2 * NAME;
    let inner = match selection {
        Selection::Field(field) => arguments(&field.node.arguments) + set(&field.node.selection_set.node),
        Selection::InlineFragment(fragment) => set(&fragment.node.selection_set.node),
        Selection::FragmentSpread(_) => 0,
    };
    each + directives(selection.directives()) + inner
}

fn directives(all: &[Positioned<Directive>]) -> usize {
    let one = |directive: &Positioned<Directive>| {
        SPARE * size_of::<Positioned<Directive>>() + NAME + arguments(&directive.node.arguments)
    };
    all.iter().map(one).sum()
}

fn arguments(all: &[(Positioned<Name>, Positioned<Value>)]) -> usize {
    let one = |(_, value): &(Positioned<Name>, Positioned<Value>)| {
        let each = size_of::<(Positioned<Name>, Positioned<Value>)>();
        // Those with variables are kept once more.
        SPARE * each + NAME + 2 * self::value(&value.node) + ENTRY
    };
    all.iter().map(one).sum()
}

fn value(value: &Value) -> usize {
    let each = SPARE * size_of::<Value>();
    each + match value {
        Value::Variable(_) | Value::Enum(_) => NAME,
        Value::String(text) => text.len() + NAME,
        Value::List(items) => items.iter().map(self::value).sum(),
        Value::Object(fields) => fields
            .values()
            .map(|value| NAME + ENTRY + self::value(value))
            .sum(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;
    use crate::request::definition::Definition;
    use crate::request::{complete::Outline, document::operation, types::Types};

    const SDL: &str = "type Query { a: Toy } type Toy { a: Toy  b: Toy  c: Toy  n: Int }";

    fn weight(query: &str) -> usize {
        let document = parse_query(query).expect("a document");
        let chosen = operation(&document, None).expect("an operation");
        let outline = Outline::of(&Types::read(&Definition::of(SDL)), &document, chosen);
        of(query.len(), &document, outline.fields)
    }

    #[test]
    fn a_document_weighs_what_it_comes_to_with_its_fragments_in_their_places() {
        // Three times three times three times three fields, in six lines.
        let nested = "{ a { ...f } } fragment f on Toy { a { ...g } b { ...g } c { ...g } }
            fragment g on Toy { a { ...h } b { ...h } c { ...h } } fragment h on Toy { a { ...i } b { ...i } c { ...i } }
            fragment i on Toy { a { n } b { n } c { n } }";
        let small = "{ a { ...f } } fragment f on Toy { a { n } b { n } c { n } }";
        let fields = 1 + 3 + 9 + 27 + 81 + 81;
        assert!(weight(nested) > fields * FIELD, "{}", weight(nested));
        assert!(weight(small) < weight(nested) / 2, "{}", weight(small));
    }
}
