//! A subscription selects one field.
//!
//! The specification says so: one stream of events, one cursor. The library runs several at once, and passes over those
//! in fragments without a word. Here anything but one field is refused, and one in fragments is taken out of them. Several
//! selections under one response key are one field: what they select is put together.

use std::collections::HashSet;

use async_graphql::{
    Name, Positioned,
    parser::types::{DocumentOperations, ExecutableDocument, Field, OperationType, Selection, SelectionSet},
};

use super::document::operation;

/// Brings the root of a subscription into the form that is run, or says what is wrong with it. The document must be valid:
/// fields of one response key are the same, and fragments do not go round in circles.
pub fn settle(document: &mut ExecutableDocument, name: Option<&str>) -> Result<(), &'static str> {
    let Some(chosen) = operation(document, name) else {
        return Ok(());
    };
    let place = document
        .operations
        .iter()
        .position(|(_, one)| std::ptr::eq(chosen, &raw const one.node));
    if chosen.ty != OperationType::Subscription {
        return Ok(());
    }
    let root = &chosen.selection_set.node;
    let mut found = Found::default();
    found.collect(document, root)?;
    let field = one(found.fields).ok_or("A subscription selects exactly one field.")?;
    if matches!(root.items.as_slice(), [only] if matches!(only.node, Selection::Field(_))) {
        return Ok(());
    }
    let operation = match &mut document.operations {
        DocumentOperations::Single(single) => Some(single),
        DocumentOperations::Multiple(several) => place.and_then(|place| several.values_mut().nth(place)),
    };
    if let Some(operation) = operation {
        let pos = field.pos;
        operation.node.selection_set.node.items = vec![Positioned::new(Selection::Field(field), pos)];
    }
    // One that nothing spreads any more would be refused.
    let mut spread = HashSet::new();
    let operations = document
        .operations
        .iter()
        .map(|(_, one)| &one.node.selection_set.node);
    let fragments = document
        .fragments
        .values()
        .map(|one| &one.node.selection_set.node);
    operations
        .chain(fragments)
        .for_each(|set| spreads(set, &mut spread));
    let unused = |name: &Name| found.fragments.contains(name) && !spread.contains(name);
    document.fragments.retain(|name, _| !unused(name));
    Ok(())
}

/// The one field that several selections come to; none when they come to several.
fn one(fields: Vec<Positioned<Field>>) -> Option<Positioned<Field>> {
    let mut fields = fields.into_iter();
    let mut one = fields.next()?;
    for field in fields {
        if field.node.response_key().node != one.node.response_key().node {
            return None;
        }
        let more = field.node.selection_set.node.items;
        one.node.selection_set.node.items.extend(more);
    }
    Some(one)
}

#[derive(Default)]
struct Found {
    fields: Vec<Positioned<Field>>,
    fragments: HashSet<Name>,
}

impl Found {
    fn collect(&mut self, document: &ExecutableDocument, set: &SelectionSet) -> Result<(), &'static str> {
        for selection in &set.items {
            let directives = match &selection.node {
                Selection::Field(field) => &field.node.directives,
                Selection::InlineFragment(fragment) => &fragment.node.directives,
                Selection::FragmentSpread(spread) => &spread.node.directives,
            };
            if !directives.is_empty() {
                return Err("The field of a subscription has no directives.");
            }
            match &selection.node {
                Selection::Field(field) => self.fields.push(field.clone()),
                Selection::InlineFragment(fragment) => {
                    self.collect(document, &fragment.node.selection_set.node)?;
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = document.fragments.get(name) {
                        self.fragments.insert(name.clone());
                        self.collect(document, &fragment.node.selection_set.node)?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn spreads(set: &SelectionSet, names: &mut HashSet<Name>) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => spreads(&field.node.selection_set.node, names),
            Selection::InlineFragment(fragment) => spreads(&fragment.node.selection_set.node, names),
            Selection::FragmentSpread(spread) => {
                names.insert(spread.node.fragment_name.node.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, Object, Request, Schema, Subscription, parser::parse_query};
    use futures_util::{Stream, StreamExt, stream};

    use super::*;

    struct Toy;

    #[Object]
    impl Toy {
        async fn n(&self) -> i32 {
            1
        }
    }

    struct Events;

    #[Subscription]
    impl Events {
        async fn event(&self) -> impl Stream<Item = Toy> {
            stream::iter([Toy])
        }
    }

    async fn run(query: &str) -> Result<Vec<String>, &'static str> {
        let schema = Schema::new(Toy, EmptyMutation, Events);
        let mut document = parse_query(query).expect("a document");
        settle(&mut document, None)?;
        let mut request = Request::new(query);
        request.set_parsed_query(document);
        let answers = schema.execute_stream(request);
        Ok(answers
            .map(|answer| serde_json::to_string(&answer).expect("json"))
            .collect()
            .await)
    }

    #[tokio::test]
    async fn one_field_is_run_wherever_it_is_written() {
        for query in [
            "subscription { event { n } }",
            "subscription { ... { event { n } } }",
            "subscription Named { ... { event { n } } }",
            "subscription { ... on Events { event { ...g } } } fragment g on Toy { n }",
            "subscription { ...f } fragment f on Events { ... { event { ...g } } } fragment g on Toy { n }",
            "subscription { event { n } ... { event { n } } }",
        ] {
            assert_eq!(
                run(query).await,
                Ok(vec![r#"{"data":{"event":{"n":1}}}"#.to_owned()]),
                "{query}"
            );
        }
    }

    #[tokio::test]
    async fn anything_else_is_refused() {
        for query in [
            "subscription { a: event { n } b: event { n } }",
            "subscription { event { n } ...f } fragment f on Events { other: event { n } }",
            "subscription { a: event { n } a: event { n } b: event { n } }",
            "subscription { event { n } __typename }",
            "subscription { event @skip(if: true) { n } }",
            "subscription { ... @include(if: false) { event { n } } }",
        ] {
            assert!(run(query).await.is_err(), "{query}");
        }
    }
}
