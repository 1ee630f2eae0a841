//! Queries: lists, filters, objects by id, and the cost of responses.

mod actors;
mod ahead;
mod bad_filters;
mod bad_input;
mod bad_requests;
mod columns;
mod filters;
mod lists;
mod nested;
mod node;
mod order_by;
mod order_of_fields;
mod pages;
mod plans;
mod statements;
mod stats;

use serde_json::{Value, json};

use crate::support::{Person, TestApp};

/// Returns the values of a field of several objects as text, `-` for null.
pub fn each(things: &Value, field: &str) -> Vec<String> {
    let things = things
        .as_array()
        .unwrap_or_else(|| panic!("not a list: {things}"));
    let text = |thing: &Value| match &thing[field] {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    };
    things.iter().map(text).collect()
}

/// Returns the values of an enum, or the names of the fields of an input object.
pub async fn names_in(app: &TestApp, person: &Person, name: &str) -> Vec<String> {
    let query = "query($name: String!) { __type(name: $name) { enumValues { name } inputFields { name } } }";
    let found = app
        .ask(person, query, json!({ "name": name }))
        .await
        .at("/__type");
    let list = if found["enumValues"].is_null() {
        &found["inputFields"]
    } else {
        &found["enumValues"]
    };
    each(list, "name")
}

/// Returns the id of the first object of a list.
pub async fn first_id(app: &TestApp, person: &Person, list: &str) -> String {
    let query = format!("{{ {list}(first: 1) {{ nodes {{ id }} }} }}");
    app.ask(person, &query, json!({}))
        .await
        .text(&format!("/{list}/nodes/0/id"))
}
