//! Only selected columns are read, without an effect on results.

use serde_json::{Value, json};

use crate::{
    access::SampleWorkspace,
    support::{
        Person, TestApp, on_each_database,
        schema::{Field, Schema},
    },
};

/// The types whose rows are read with selected columns, and ways to read them: by lists, as children, by id.
const WAYS: [(&str, &str, &str); 9] = [
    (
        "Ticket",
        "{ tickets(first: 7) { nodes { … } } }",
        "/tickets/nodes",
    ),
    (
        "Customer",
        "{ customers(first: 7) { nodes { … } } }",
        "/customers/nodes",
    ),
    (
        "Customer",
        "{ customers(first: 7, orderBy: {field: NAME, direction: ASC}) { nodes { … } } }",
        "/customers/nodes",
    ),
    (
        "Conversation",
        "{ conversations(first: 7) { nodes { … } } }",
        "/conversations/nodes",
    ),
    (
        "Message",
        "{ tickets(first: 7) { nodes { messages(first: 7) { nodes { … } } } } }",
        "/tickets/nodes",
    ),
    (
        "Customer",
        "{ tickets(first: 7) { nodes { customer { … } } } }",
        "/tickets/nodes",
    ),
    (
        "Agent",
        "{ viewer { workspaces { agents(first: 7) { nodes { … } } } } }",
        "/viewer/workspaces",
    ),
    ("Team", "{ teams { nodes { … } } }", "/teams/nodes"),
    ("Queue", "{ queues { nodes { … } } }", "/queues/nodes"),
];

/// Returns a field with a minimal selection.
fn minimal_selection(schema: &Schema, field: &Field) -> String {
    if schema.get(&field.of.name).fields.is_empty() && schema.get(&field.of.name).possible.is_empty() {
        field.name.clone()
    } else {
        format!("{} {{ __typename }}", field.name)
    }
}

/// Returns the values of a field at all depths.
fn values<'a>(answer: &'a Value, name: &str, found: &mut Vec<&'a Value>) {
    match answer {
        Value::Array(items) => items.iter().for_each(|item| values(item, name, found)),
        Value::Object(fields) => match fields.get(name) {
            Some(value) => found.push(value),
            None => fields.values().for_each(|value| values(value, name, found)),
        },
        _ => {}
    }
}

async fn query_at(app: &TestApp, person: &Person, way: &str, selection: &str, path: &str) -> Value {
    let query = way.replace('…', selection);
    app.ask(person, &query, json!({})).await.at(path).clone()
}

async fn a_field_has_one_value_in_every_selection(app: TestApp) {
    let first = app.workspace("First").await;
    let schema = app.schema(&app.admin_of(&[first]).await).await;
    let sample = SampleWorkspace::new(&app, &schema, "own", &|_| "own").await;
    for (name, way, path) in WAYS {
        let fields = &schema.get(name).fields;
        let without_arguments = fields
            .iter()
            .filter(|field| field.arguments.iter().all(|one| one.optional));
        let all: Vec<_> = without_arguments
            .map(|field| minimal_selection(&schema, field))
            .collect();
        // Aliases distinguish nested fields from the field itself.
        let named = |at: usize, text: &str| format!("f{at}: {text}");
        let every: Vec<_> = all.iter().enumerate().map(|(at, text)| named(at, text)).collect();
        let among = query_at(&app, &sample.admin, way, &every.join(" "), path).await;
        for (at, text) in all.iter().enumerate() {
            let key = format!("f{at}");
            let alone = query_at(&app, &sample.admin, way, &named(at, text), path).await;
            let (mut one, mut other) = (Vec::new(), Vec::new());
            values(&alone, &key, &mut one);
            values(&among, &key, &mut other);
            assert!(!one.is_empty(), "{way}: {text}");
            assert_eq!(one, other, "{way}: {text}");
        }
    }
}

async fn columns_are_read_only_when_selected(app: TestApp) {
    let first = app.workspace("First").await;
    let admin = app.admin_of(&[first]).await;
    let cases = [
        ("id createdAt", "custom_fields", false),
        ("id customFields", "custom_fields", true),
        ("id createdAt", "workspace_id", false),
        ("workspace { id }", "workspace_id", true),
    ];
    for (asked, column, reads) in cases {
        let query = format!("{{ tickets(first: 5) {{ nodes {{ {asked} }} }} }}");
        app.statements.take();
        app.ask(&admin, &query, json!({})).await;
        let statements = app.statements.take();
        // The owner of a row is read in any case, and returned if it is selected.
        let mut answered = statements
            .iter()
            .filter_map(|sql| sql.split(" FROM \"ticket\"").next());
        let found = answered.any(|columns| columns.contains(column));
        assert_eq!(found, reads, "{asked}: {statements:?}");
    }
}

on_each_database!(
    a_field_has_one_value_in_every_selection,
    columns_are_read_only_when_selected
);
