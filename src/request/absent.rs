//! Removes variables without a value from a document.
//!
//! In the specification, such a variable is absent; the library uses `null` when the type allows that. In an update
//! `null` clears a field, so the difference matters. Before execution, every argument and input field whose value is
//! such a variable is removed from the document.

use std::collections::HashSet;

use async_graphql::{
    Name, Positioned,
    parser::types::{Directive, DocumentOperations, ExecutableDocument, Selection, SelectionSet},
};
use async_graphql_value::Value;

/// Removes the arguments and input fields whose value is an absent variable.
pub fn drop_absent(document: &mut ExecutableDocument, absent: &HashSet<Name>) {
    if absent.is_empty() {
        return;
    }
    let removal = Removal { absent };
    match &mut document.operations {
        DocumentOperations::Single(single) => removal.selections(&mut single.node.selection_set),
        DocumentOperations::Multiple(several) => {
            for one in several.values_mut() {
                removal.selections(&mut one.node.selection_set);
            }
        }
    }
    for fragment in document.fragments.values_mut() {
        removal.selections(&mut fragment.node.selection_set);
    }
}

struct Removal<'a> {
    absent: &'a HashSet<Name>,
}

impl Removal<'_> {
    fn selections(&self, set: &mut Positioned<SelectionSet>) {
        for selection in &mut set.node.items {
            match &mut selection.node {
                Selection::Field(field) => {
                    self.arguments(&mut field.node.arguments);
                    self.directives(&mut field.node.directives);
                    self.selections(&mut field.node.selection_set);
                }
                Selection::InlineFragment(fragment) => {
                    self.directives(&mut fragment.node.directives);
                    self.selections(&mut fragment.node.selection_set);
                }
                Selection::FragmentSpread(spread) => self.directives(&mut spread.node.directives),
            }
        }
    }

    fn directives(&self, directives: &mut [Positioned<Directive>]) {
        for directive in directives {
            self.arguments(&mut directive.node.arguments);
        }
    }

    fn arguments(&self, arguments: &mut Vec<(Positioned<Name>, Positioned<Value>)>) {
        arguments.retain_mut(|(_, value)| self.keeps(&mut value.node));
    }

    fn keeps(&self, value: &mut Value) -> bool {
        match value {
            Value::Variable(name) => !self.absent.contains(name),
            Value::Object(fields) => {
                fields.retain(|_, value| self.keeps(value));
                true
            }
            // An absent variable in a list becomes null, as the specification requires.
            Value::List(items) => {
                for item in items {
                    if !self.keeps(item) {
                        *item = Value::Null;
                    }
                }
                true
            }
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{
        EmptyMutation, EmptySubscription, InputObject, MaybeUndefined, Object, Request, Schema,
        ValidationMode, Variables, parser::parse_query,
    };

    use super::*;

    struct Toy;

    #[derive(InputObject)]
    struct Input {
        a: MaybeUndefined<i32>,
    }

    #[Object]
    impl Toy {
        async fn says(&self, #[graphql(default = 5)] n: Option<i32>, input: Option<Input>) -> String {
            format!("{n:?} {:?}", input.map(|input| input.a))
        }
    }

    async fn execute(query: &str, variables: serde_json::Value) -> String {
        let schema = Schema::build(Toy, EmptyMutation, EmptySubscription)
            .validation_mode(ValidationMode::Fast)
            .finish();
        let mut request = Request::new(query).variables(Variables::from_json(variables));
        let mut document = parse_query(query).expect("a document");
        let absent = ["n", "a"].map(Name::new).into_iter();
        let absent = absent.filter(|name| !request.variables.contains_key(name));
        drop_absent(&mut document, &absent.collect());
        request.set_parsed_query(document);
        serde_json::to_string(&schema.execute(request).await).expect("json")
    }

    #[tokio::test]
    async fn an_omitted_variable_is_absent_and_a_null_variable_is_null() {
        let query = "query($n: Int, $a: Int) { ...f } fragment f on Toy { says(n: $n, input: {a: $a}) }";
        let absent = execute(query, serde_json::json!({})).await;
        assert_eq!(absent, r#"{"data":{"says":"Some(5) Some(Undefined)"}}"#);
        let null = execute(query, serde_json::json!({"n": null, "a": null})).await;
        assert_eq!(null, r#"{"data":{"says":"None Some(Null)"}}"#);
        let sent = execute(query, serde_json::json!({"n": 1, "a": 2})).await;
        assert_eq!(sent, r#"{"data":{"says":"Some(1) Some(Value(2))"}}"#);
    }
}
