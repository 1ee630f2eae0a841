//! A condition that is null or empty is rejected with its path, because it must not match every row.

use serde_json::{Value, json};

use super::customers::three;
use crate::support::{
    Person, TestApp, on_each_database,
    schema::{Kind, Schema},
};

/// Lists with a filter, and its type.
const LISTS: [(&str, &str); 8] = [
    ("CustomerFilter", "customers(filter: $f) { totalCount }"),
    ("TicketFilter", "tickets(filter: $f) { totalCount }"),
    ("ConversationFilter", "conversations(filter: $f) { totalCount }"),
    (
        "MessageFilter",
        "customers { nodes { messages(filter: $f) { totalCount } } }",
    ),
    ("ChangeFilter", "changes(filter: $f) { changeCursor }"),
    ("AgentFilter", "agents(filter: $f) { totalCount }"),
    ("TeamFilter", "teams(filter: $f) { totalCount }"),
    ("QueueFilter", "queues(filter: $f) { totalCount }"),
];

async fn refused(app: &TestApp, person: &Person, list: (&str, &str), filter: &Value, path: &str) {
    let (input, selection) = list;
    let query = format!("query($f: {input}) {{ {selection} }}");
    let answer = app.ask(person, &query, json!({ "f": filter })).await;
    assert_eq!(answer.error(), format!("BAD_USER_INPUT {path}"), "{filter}");
}

/// Returns filters with this value in each optional field, up to two objects deep, with the path of the field.
fn with(value: &Value, schema: &Schema, input: &str, depth: usize) -> Vec<(Value, String)> {
    let mut all = Vec::new();
    for field in &schema.get(input).inputs {
        let name = &field.name;
        if field.optional {
            all.push((json!({ name: value }), format!(".{name}")));
        }
        if depth == 0 || schema.get(&field.of.name).kind != Kind::Input {
            continue;
        }
        for (inner, path) in with(value, schema, &field.of.name, depth - 1) {
            all.push(if field.of.list {
                (json!({ name: [inner] }), format!(".{name}.0{path}"))
            } else {
                (json!({ name: inner }), format!(".{name}{path}"))
            });
        }
    }
    if input == "CustomFieldFilter" {
        for (inner, _) in &mut all {
            inner["key"] = json!("plan");
        }
    }
    all
}

async fn null_is_refused_everywhere_in_filters(app: TestApp) {
    let admin = three(&app).await;
    let schema = app.schema(&admin).await;
    for list in LISTS {
        let all = with(&Value::Null, &schema, list.0, 2);
        assert!(all.len() >= 5, "{all:?}");
        for (filter, path) in all {
            refused(&app, &admin, list, &filter, &format!("filter{path}")).await;
        }
    }
}

async fn an_object_without_a_condition_is_refused(app: TestApp) {
    let admin = three(&app).await;
    let schema = app.schema(&admin).await;
    for list in LISTS {
        for field in &schema.get(list.0).inputs {
            if schema.get(&field.of.name).kind != Kind::Input {
                continue;
            }
            let name = &field.name;
            let (filter, path) = match (field.of.list, field.of.name.as_str()) {
                (true, "CustomFieldFilter") => (json!({ name: [{ "key": "plan" }] }), format!("{name}.0")),
                (true, "MessageFilter") => {
                    (json!({ name: [{ "isInternal": true }, {}] }), format!("{name}.1"))
                }
                (true, _) => (json!({ name: [{ "id": [] }, {}] }), format!("{name}.1")),
                (false, _) => (json!({ name: {} }), name.clone()),
            };
            refused(&app, &admin, list, &filter, &format!("filter.{path}")).await;
        }
    }
    let list = LISTS[0];
    for (filter, path) in [
        (json!({ "not": { "and": [] } }), "filter.not"),
        (json!({ "not": { "email": {} } }), "filter.not.email"),
        (json!({ "or": [{ "not": {} }] }), "filter.or.0.not"),
    ] {
        refused(&app, &admin, list, &filter, path).await;
    }
}

async fn a_null_or_absent_variable_finds_no_customer(app: TestApp) {
    let admin = three(&app).await;
    for (condition, path) in [
        ("externalId: { eq: $e }", "externalId"),
        ("email: { startsWith: $e }", "email"),
        ("or: [{ name: { contains: $e } }]", "or.0.name"),
    ] {
        let query = format!("query($e: String) {{ customers(filter: {{ {condition} }}) {{ totalCount }} }}");
        let operator = condition
            .rsplit("{ ")
            .next()
            .and_then(|rest| rest.split(':').next());
        let null = app.ask(&admin, &query, json!({ "e": null })).await.error();
        assert_eq!(
            null,
            format!("BAD_USER_INPUT filter.{path}.{}", operator.expect("one"))
        );
        let absent = app.ask(&admin, &query, json!({})).await.error();
        assert_eq!(absent, format!("BAD_USER_INPUT filter.{path}"));
    }
    // Next to another condition, an omitted variable omits its condition, according to the specification.
    let query =
        "query($e: String) { customers(filter: { email: { startsWith: \"ann\", eq: $e } }) { totalCount } }";
    assert_eq!(
        app.ask(&admin, query, json!({}))
            .await
            .at("/customers/totalCount"),
        1
    );
}

async fn a_null_search_is_refused(app: TestApp) {
    let admin = three(&app).await;
    for list in ["customers", "agents"] {
        let query = format!("query($s: String) {{ {list}(search: $s) {{ totalCount }} }}");
        let answer = app.ask(&admin, &query, json!({ "s": null })).await;
        assert_eq!(answer.error(), "BAD_USER_INPUT search", "{list}");
    }
    // Whole arguments may be omitted, also by a variable, and the filter may be null.
    let query = "query($s: String, $f: CustomerFilter) { customers(search: $s, filter: $f) { totalCount } }";
    for variables in [json!({}), json!({ "f": null }), json!({ "f": {} })] {
        assert_eq!(
            app.ask(&admin, query, variables)
                .await
                .at("/customers/totalCount"),
            3
        );
    }
}

on_each_database!(
    null_is_refused_everywhere_in_filters,
    an_object_without_a_condition_is_refused,
    a_null_or_absent_variable_finds_no_customer,
    a_null_search_is_refused,
);
