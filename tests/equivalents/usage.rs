//! The content of a document with its variables: selected fields by type, arguments and input fields.

use std::collections::BTreeMap;

use async_graphql::{
    Name,
    parser::{
        parse_query,
        types::{ExecutableDocument, OperationType, Selection, SelectionSet},
    },
};
use async_graphql_value::Value;
use serde_json::Value as Json;

use crate::{
    rows::{read, root},
    types::{Route, Types},
};

/// A shipped document, resolved against the types. Panics on anything that the schema does not contain.
#[derive(Debug)]
pub struct Usage {
    /// Each selected field with its type, arguments and selections.
    selected: Vec<Selected>,
    /// Each input object with its type.
    given: Vec<(String, Json)>,
}

#[derive(Clone, Debug)]
struct Selected {
    ty: String,
    field: String,
    arguments: BTreeMap<String, Json>,
    under: Vec<Selected>,
}

struct Walk<'a> {
    name: &'a str,
    types: &'a Types,
    document: &'a ExecutableDocument,
    variables: Json,
    usage: Usage,
}

impl Usage {
    /// Reads `operations/<name>.graphql` and its variables.
    pub fn of(name: &str, types: &Types) -> Self {
        let path = root().join(format!("operations/{name}.graphql"));
        let document = parse_query(read(&path)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let variables: Json =
            serde_json::from_str(&read(&path.with_extension("variables.json"))).expect("variables are JSON");
        let mut walk = Walk {
            name,
            types,
            document: &document,
            variables,
            usage: Self {
                selected: Vec::new(),
                given: Vec::new(),
            },
        };
        for (_, operation) in document.operations.iter() {
            let declared = &operation.node.variable_definitions;
            for variable in walk.variables.as_object().expect("an object of variables").keys() {
                let is_declared = declared.iter().any(|one| one.node.name.node.as_str() == variable);
                assert!(is_declared, "{name} has no variable {variable}");
            }
            let ty = match operation.node.ty {
                OperationType::Query => "Query",
                OperationType::Mutation => "Mutation",
                OperationType::Subscription => "Subscription",
            };
            let selected = walk.selections(ty, &operation.node.selection_set.node);
            walk.usage.selected = selected;
        }
        walk.usage
    }

    /// Returns true if the document selects the field, or gives the argument or input field, at the end of a path.
    pub fn follows(&self, route: &Route) -> bool {
        let mut found = false;
        each(&self.selected, &mut |selected| {
            found |= selected.ty == route.root && chain(selected, &route.fields, route.argument.as_deref());
        });
        let given = self.given.iter().filter(|(ty, _)| *ty == route.root);
        found || given.into_iter().any(|(_, value)| has(value, &route.fields))
    }
}

fn each<'a>(selected: &'a [Selected], visit: &mut impl FnMut(&'a Selected)) {
    for one in selected {
        visit(one);
        each(&one.under, visit);
    }
}

/// Returns true if this selection is the first field of the path, and nested ones are the rest.
fn chain(selected: &Selected, fields: &[String], argument: Option<&[String]>) -> bool {
    let Some((first, rest)) = fields.split_first() else {
        return true;
    };
    if selected.field != *first {
        return false;
    }
    if !rest.is_empty() {
        return selected.under.iter().any(|under| chain(under, rest, argument));
    }
    argument.is_none_or(|keys| {
        let (name, keys) = keys.split_first().expect("a name");
        selected.arguments.get(name).is_some_and(|value| has(value, keys))
    })
}

/// Returns true if a value has these nested keys, in any item of a list.
fn has(value: &Json, keys: &[String]) -> bool {
    let Some((first, rest)) = keys.split_first() else {
        return true;
    };
    match value {
        Json::Array(items) => items.iter().any(|item| has(item, keys)),
        Json::Object(entries) => entries.get(first).is_some_and(|value| has(value, rest)),
        _ => false,
    }
}

impl Walk<'_> {
    fn selections(&mut self, ty: &str, set: &SelectionSet) -> Vec<Selected> {
        let mut selected = Vec::new();
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    let (field, name) = (&field.node, field.node.name.node.to_string());
                    let next = self.types.field(ty, &name).map(str::to_owned);
                    let next = next.unwrap_or_else(|| panic!("{}: {ty} has no {name}", self.name));
                    let mut arguments = BTreeMap::new();
                    for (argument, value) in &field.arguments {
                        let argument = argument.node.to_string();
                        let kind = self.types.argument(ty, &name, &argument).map(str::to_owned);
                        let kind = kind
                            .unwrap_or_else(|| panic!("{}: {name} has no argument {argument}", self.name));
                        let value = self.value(value.node.clone());
                        self.gives(&kind, &value);
                        arguments.insert(argument, value);
                    }
                    let under = self.selections(&next, &field.selection_set.node);
                    selected.push(Selected {
                        ty: ty.to_owned(),
                        field: name,
                        arguments,
                        under,
                    });
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let ty = condition.map_or(ty, |condition| condition.node.on.node.as_str());
                    selected.extend(self.selections(ty, &fragment.node.selection_set.node));
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = &self.document.fragments[&spread.node.fragment_name.node].node;
                    let ty = fragment.type_condition.node.on.node.as_str();
                    selected.extend(self.selections(ty, &fragment.selection_set.node));
                }
            }
        }
        selected
    }

    /// Replaces variables by their values. A variable without a value becomes a text, which shows that it can be
    /// given.
    fn value(&self, value: Value) -> Json {
        let value = value.into_const_with::<()>(|name: Name| {
            let given = self.variables.get(name.as_str()).cloned();
            let given = given.unwrap_or_else(|| Json::String(format!("{{{{${name}}}}}")));
            Ok(async_graphql_value::ConstValue::from_json(given).expect("a value"))
        });
        value.expect("a value").into_json().expect("JSON")
    }

    /// Records an input, and checks that it fits its type.
    fn gives(&mut self, ty: &str, value: &Json) {
        match value {
            Json::Array(items) => items.iter().for_each(|item| self.gives(ty, item)),
            Json::Object(entries) if ty != "JSONObject" && ty != "JSON" => {
                for (key, value) in entries {
                    let next = self.types.field(ty, key).map(str::to_owned);
                    let next = next.unwrap_or_else(|| panic!("{}: {ty} has no {key}", self.name));
                    self.gives(&next, value);
                }
                self.usage.given.push((ty.to_owned(), value.clone()));
            }
            Json::String(text) if !text.starts_with("{{") => {
                let fits = self.types.values(ty).is_none_or(|values| values.contains(text));
                assert!(fits, "{}: {ty} has no {text}", self.name);
            }
            _ => {}
        }
    }
}
