//! Checks that a subscription selects one field.
//!
//! The specification requires it: one stream of events, one cursor. The library runs several fields at once, and
//! ignores those in fragments without an error. This check refuses any other number of fields, and finds the field
//! inside fragments. Several selections with one response key are one field: their selection sets are merged.

use apollo_compiler::{
    ExecutableDocument, Node,
    executable::{Field, Operation, Selection, SelectionSet},
};

/// The selections of the only field of a subscription, or the reason why it cannot run. The list is empty for other
/// operations.
pub fn field<'a>(
    document: &'a ExecutableDocument,
    operation: &'a Operation,
) -> Result<Vec<&'a Node<Field>>, &'static str> {
    let mut fields = Vec::new();
    if !operation.is_subscription() {
        return Ok(fields);
    }
    collect(document, &operation.selection_set, &mut fields)?;
    let first = fields.first().map(|field| field.response_key());
    if first.is_none() || fields.iter().any(|field| Some(field.response_key()) != first) {
        return Err("A subscription selects exactly one field.");
    }
    Ok(fields)
}

fn collect<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
    fields: &mut Vec<&'a Node<Field>>,
) -> Result<(), &'static str> {
    for selection in &set.selections {
        if !selection.directives().is_empty() {
            return Err("The field of a subscription has no directives.");
        }
        match selection {
            Selection::Field(field) => fields.push(field),
            Selection::InlineFragment(fragment) => collect(document, &fragment.selection_set, fields)?,
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.fragment_name) {
                    collect(document, &fragment.selection_set, fields)?;
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::request::{
        definition::Definition,
        limits::Bounds,
        validation::{Checked, Mistakes, Validator},
    };

    const SDL: &str = "
        type Query { n: Int }
        type Toy { n: Int  m: Int }
        type Subscription { event: Toy  other: Toy }";

    fn checked(text: &str) -> Result<Checked, Mistakes> {
        let validator = Validator::new(&Definition::of(SDL), false);
        let read = validator.read(text, &Bounds::of_tokens(1_000));
        let (read, _) = read.expect("within limits").expect("a document");
        validator.validate(read, text)
    }

    #[test]
    fn one_field_runs_inside_fragments_too() {
        for (text, selected) in [
            ("subscription { event { n } }", 1),
            ("subscription { ... { event { n } } }", 1),
            ("subscription Named { ... { event { n } } }", 1),
            (
                "subscription { ... on Subscription { event { ...g } } } fragment g on Toy { n }",
                1,
            ),
            (
                "subscription { ...f } fragment f on Subscription { ... { event { ...g } } } fragment g on Toy { n }",
                1,
            ),
            ("subscription { event { n } ... { event { m } } }", 2),
        ] {
            let checked = checked(text).expect(text);
            assert_eq!(checked.operations[0].refused, None, "{text}");
            let (_, operation) = checked.run.operations.iter().next().expect("an operation");
            let [root] = operation.node.selection_set.node.items.as_slice() else {
                panic!("{text}: {operation:?}")
            };
            let async_graphql::parser::types::Selection::Field(field) = &root.node else {
                panic!("{text}: {root:?}")
            };
            assert_eq!(field.node.selection_set.node.items.len(), selected, "{text}");
        }
    }

    #[test]
    fn several_fields_and_directives_are_refused() {
        for text in [
            "subscription { a: event { n } b: event { n } }",
            "subscription { event { n } ...f } fragment f on Subscription { other: event { n } }",
            "subscription { a: event { n } a: event { n } b: event { n } }",
            "subscription { event { n } __typename }",
            "subscription { event @skip(if: true) { n } }",
            "subscription { ... @include(if: false) { event { n } } }",
        ] {
            let is_refused = checked(text).map_or(true, |checked| checked.operations[0].refused.is_some());
            assert!(is_refused, "{text}");
        }
    }
}
