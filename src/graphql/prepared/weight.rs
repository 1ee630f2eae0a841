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

use crate::graphql::complete::Field;

/// A name in memory of its own, with what counts those who hold it; and what an allocation takes beside itself.
const NAME: usize = 64;
/// An entry of a table, beside what is in it.
const ENTRY: usize = 48;
/// Vectors that grow have room to spare.
const SPARE: usize = 2;

/// The bytes of a document whose text is so long, with what its answers look like.
pub fn of(text: usize, document: &ExecutableDocument) -> usize {
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
    text + operations.sum::<usize>() + fragments.sum::<usize>()
}

fn set(set: &SelectionSet) -> usize {
    set.items.iter().map(|one| selection(&one.node)).sum()
}

fn selection(selection: &Selection) -> usize {
    // What it looks like in the answer is kept too.
    let each = SPARE * (size_of::<Positioned<Selection>>() + size_of::<Field>()) + ENTRY + 2 * NAME;
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
