//! A variable that was not sent is absent.
//!
//! The specification says so; the library takes it for `null` when its type allows that. In an update `null` clears a
//! field, so the difference is somebody's data. Before execution, every argument and input field whose value is such
//! a variable is taken out of the document, and with it the variable's definition.

use std::collections::HashSet;

use async_graphql::{
    Name, Positioned, Variables,
    parser::types::{
        Directive, DocumentOperations, ExecutableDocument, OperationDefinition, Selection, SelectionSet,
        VariableDefinition,
    },
};
use async_graphql_value::Value;

/// The response key of a `__typename` that stands in a document so that an object has a field, and not in the answer. It is
/// no name of GraphQL, so that no client has it.
pub const FILLER: &str = " ";

/// The operation of a document that is to be run.
pub fn operation<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Option<&'a OperationDefinition> {
    let chosen = match (&document.operations, name) {
        (DocumentOperations::Single(single), _) => Some(single),
        (DocumentOperations::Multiple(several), Some(name)) => several.get(name),
        // The only one is meant, whatever it is called.
        (DocumentOperations::Multiple(several), None) if several.len() == 1 => several.values().next(),
        (DocumentOperations::Multiple(_), None) => None,
    };
    chosen.map(|operation| &operation.node)
}

/// Takes absent variables out of a document.
pub fn drop_absent(document: &mut ExecutableDocument, absent: &HashSet<Name>) {
    if absent.is_empty() {
        return;
    }
    let mut removal = Removal {
        absent,
        removed: HashSet::new(),
    };
    match &mut document.operations {
        DocumentOperations::Single(single) => removal.operation(&mut single.node),
        DocumentOperations::Multiple(several) => {
            for one in several.values_mut() {
                removal.operation(&mut one.node);
            }
        }
    }
    document
        .fragments
        .values_mut()
        .for_each(|fragment| removal.selections(&mut fragment.node.selection_set));
    let removed = removal.removed;
    let forget = |operation: &mut OperationDefinition| {
        operation
            .variable_definitions
            .retain(|definition| !removed.contains(&definition.node.name.node));
    };
    match &mut document.operations {
        DocumentOperations::Single(single) => forget(&mut single.node),
        DocumentOperations::Multiple(several) => several.values_mut().for_each(|one| forget(&mut one.node)),
    }
}

/// The variables of the operation that have no value, may be null, and have no default.
pub fn absent(operation: &OperationDefinition, sent: &Variables) -> HashSet<Name> {
    definitions(operation)
        .filter(|definition| definition.var_type.node.nullable && definition.default_value.is_none())
        .map(|definition| &definition.name.node)
        .filter(|name| !sent.contains_key(*name))
        .cloned()
        .collect()
}

fn definitions(operation: &OperationDefinition) -> impl Iterator<Item = &VariableDefinition> {
    operation
        .variable_definitions
        .iter()
        .map(|definition| &definition.node)
}

struct Removal<'a> {
    absent: &'a HashSet<Name>,
    /// Those that nothing but removed places used.
    removed: HashSet<Name>,
}

impl Removal<'_> {
    fn operation(&mut self, operation: &mut OperationDefinition) {
        self.selections(&mut operation.selection_set);
    }

    fn selections(&mut self, set: &mut Positioned<SelectionSet>) {
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

    fn directives(&mut self, directives: &mut [Positioned<Directive>]) {
        for directive in directives {
            self.arguments(&mut directive.node.arguments);
        }
    }

    fn arguments(&mut self, arguments: &mut Vec<(Positioned<Name>, Positioned<Value>)>) {
        arguments.retain_mut(|(_, value)| self.stays(&mut value.node));
    }

    fn stays(&mut self, value: &mut Value) -> bool {
        match value {
            Value::Variable(name) if self.absent.contains(name) => {
                self.removed.insert(name.clone());
                false
            }
            Value::Object(fields) => {
                fields.retain(|_, value| self.stays(value));
                true
            }
            // In a list there is no absence: the specification makes it null.
            Value::List(items) => {
                for item in items {
                    if !self.stays(item) {
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
        parser::parse_query,
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

    async fn ask(query: &str, variables: serde_json::Value) -> String {
        let schema = Schema::new(Toy, EmptyMutation, EmptySubscription);
        let mut request = Request::new(query).variables(Variables::from_json(variables));
        let mut document = parse_query(query).expect("a document");
        let operation = operation(&document, None).expect("an operation");
        let absent = absent(operation, &request.variables);
        drop_absent(&mut document, &absent);
        request.set_parsed_query(document);
        serde_json::to_string(&schema.execute(request).await).expect("json")
    }

    #[tokio::test]
    async fn what_was_not_sent_is_absent_and_what_was_sent_as_null_is_null() {
        let query = "query($n: Int, $a: Int) { ...f } fragment f on Toy { says(n: $n, input: {a: $a}) }";
        let absent = ask(query, serde_json::json!({})).await;
        assert_eq!(absent, r#"{"data":{"says":"Some(5) Some(Undefined)"}}"#);
        let null = ask(query, serde_json::json!({"n": null, "a": null})).await;
        assert_eq!(null, r#"{"data":{"says":"None Some(Null)"}}"#);
        let sent = ask(query, serde_json::json!({"n": 1, "a": 2})).await;
        assert_eq!(sent, r#"{"data":{"says":"Some(1) Some(Value(2))"}}"#);
    }

    #[tokio::test]
    async fn an_unused_variable_is_still_refused() {
        assert!(
            ask("query($n: Int) { says }", serde_json::json!({}))
                .await
                .contains("errors")
        );
    }
}
