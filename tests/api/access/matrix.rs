//! Checks every cell of the table in docs/permissions.md.

use std::collections::BTreeMap;

use deskgraph::{auth::Grant, config::Settings};
use serde_json::{Value, json};

use super::SampleWorkspace;
use crate::support::{
    Answer, Person, SocketEvent, TestApp, on_each_database,
    schema::{Document, Field, Root, Schema, ValuePath},
    text,
};

const TABLE: &str = include_str!("../../../docs/permissions.md");
/// Number of attempts for a subscription that receives no event although it should.
const TRIES: usize = 5;

/// Returns the columns of the table, and the cells by field name.
fn table() -> (Vec<&'static str>, BTreeMap<&'static str, Vec<&'static str>>) {
    let cells = |line: &'static str| -> Vec<&'static str> {
        let line = line.trim_matches('|');
        line.split('|')
            .map(|cell| cell.trim().trim_matches('`'))
            .collect()
    };
    let lines = TABLE.lines().filter(|line| line.starts_with('|'));
    let mut lines = lines.skip_while(|line| !line.contains("*anonymous*"));
    let columns = cells(lines.next().expect("a head"));
    let columns = columns.iter().skip(1).map(|name| name.trim_matches('*'));
    let rows = lines.skip(1).map(|line| {
        let cells = cells(line);
        (cells[0], cells[1..].to_vec())
    });
    (columns.collect(), rows.collect())
}

/// The kinds of callers in the order of the columns, `None` for an anonymous one.
async fn viewers(app: &TestApp, sample: &SampleWorkspace) -> Vec<(&'static str, Option<Person>)> {
    let here = sample.workspace;
    let other_workspace = app.workspace("Elsewhere").await;
    let key = async |grants: &[Grant]| Some(app.api_key(&[here], grants).await);
    let other_customer = app.customer(here, "stranger@example.com").await;
    vec![
        ("anonymous", None),
        ("customer", Some(sample.customer(app))),
        ("other customer", Some(other_customer)),
        ("agent", Some(app.agent(here, "Mia").await)),
        ("admin", Some(sample.admin.clone())),
        ("read", key(&[Grant::Read]).await),
        ("write", key(&[Grant::Read, Grant::Write]).await),
        (
            "notes",
            key(&[Grant::Read, Grant::Write, Grant::CustomerNotes]).await,
        ),
        ("all", key(&Grant::ALL).await),
        (
            "other workspace",
            Some(app.api_key(&[other_workspace], &Grant::ALL).await),
        ),
    ]
}

/// Returns the required arguments of a field, with objects of this workspace.
async fn required_arguments(
    app: &TestApp,
    schema: &Schema,
    sample: &SampleWorkspace,
    root: Root,
    field: &Field,
) -> Value {
    let address = format!("{}@example.com", app.services.clock.id::<entity::CustomerId>());
    let victim = if field.destroys() {
        Some(match field.name.as_str() {
            name if name.starts_with("customer") => app.customer(sample.workspace, &address).await.id,
            name if name.starts_with("apiKey") => app.api_key(&[sample.workspace], &[Grant::Read]).await.id,
            name => panic!("unknown object of the mutation {name}"),
        })
    } else {
        None
    };
    let given = |path: &[String]| {
        let name = path.last().expect("a name");
        let whose = name == "workspaceId" || name == "after" && root == Root::Subscription;
        whose || path == ["input", "email"]
    };
    let value = &mut |place: &ValuePath| match (place.name(), &victim) {
        ("id", Some(victim)) => json!(victim),
        ("externalId", _) if place.owner.is_none() => {
            json!(sample.planted.at("customerUpdate.input.externalId"))
        }
        ("email", _) if field.name.ends_with("Create") && place.path[1] == "email" => json!(address),
        _ => sample.things.value(schema, field, place),
    };
    let arguments = schema.arguments_all(&field.arguments, &given, value);
    let answer = schema.get(&field.of.name);
    let selection = if answer.fields.iter().any(|one| one.name == "userErrors") {
        " { userErrors { code message path } }".to_owned()
    } else {
        schema.selection(&field.of.name, 0).text
    };
    let mut document = Document::new(root);
    document.add(field, &arguments, &selection);
    document.request()
}

/// Converts a response into the text of a cell.
fn cell(answer: &Answer) -> String {
    if answer.body.get("errors").is_some() {
        return text(&answer.body["errors"][0]["extensions"]["code"]).to_owned();
    }
    let value = &answer.body["data"]["f0"];
    if let Some(error) = value["userErrors"].get(0) {
        return text(&error["code"]).to_owned();
    }
    let list = value.get("nodes").unwrap_or(value);
    let told = match list.as_array().map(Vec::as_slice) {
        _ if value.is_null() => "null",
        Some([]) => "none",
        Some([Value::Null]) => "null",
        _ => "yes",
    };
    told.to_owned()
}

async fn query_cell(app: &TestApp, person: Option<&Person>, request: &Value) -> String {
    let credential = person.map(|person| person.credential.as_str());
    let response = app.post(credential, &request.to_string()).await;
    cell(&Answer::read(response).await)
}

/// Returns the first message of a subscription. `None` if later queries are answered first.
async fn subscription_cell(app: &TestApp, person: Option<&Person>, request: &Value) -> String {
    let Some(person) = person else {
        let mut socket = app.unknown_socket().await;
        socket.introduce("").await;
        assert_eq!(socket.close_code().await, 4403);
        return "UNAUTHENTICATED".to_owned();
    };
    let mut socket = app.socket(person).await;
    socket
        .begin("asked", text(&request["query"]), &request["variables"])
        .await;
    for _ in 0..3 {
        socket
            .begin("behind", "{ customers { totalCount } }", &json!({}))
            .await;
        loop {
            let SocketEvent::Message(message) = socket.receive().await else {
                panic!("closed")
            };
            match (text(&message["id"]), text(&message["type"])) {
                ("behind", "complete") => break,
                ("asked", "error") => {
                    return text(&message["payload"][0]["extensions"]["code"]).to_owned();
                }
                ("asked", _) => {
                    let body = message["payload"].clone();
                    assert!(body.get("errors").is_none(), "{body}");
                    return "yes".to_owned();
                }
                _ => {}
            }
        }
    }
    "none".to_owned()
}

async fn each_viewer_has_the_permissions_of_the_table(app: TestApp) {
    let first = app.workspace("First").await;
    let schema = app.schema(&app.admin_of(&[first]).await).await;
    let sample = SampleWorkspace::new(&app, &schema, "own", &|_| "own").await;
    let viewers = viewers(&app, &sample).await;
    let (columns, mut rows) = table();
    let names: Vec<&str> = viewers.iter().map(|(name, _)| *name).collect();
    assert_eq!(columns, names, "columns of the table");
    let mut wrong = Vec::new();
    for root in Root::ALL {
        for field in schema.root(root) {
            let name = format!("{} {}", root.word(), field.name);
            let expected = rows.remove(name.as_str()).unwrap_or_default();
            let mut found = Vec::new();
            for (column, (_, person)) in viewers.iter().enumerate() {
                let request = required_arguments(&app, &schema, &sample, root, field).await;
                found.push(match root {
                    Root::Subscription => {
                        let mut told = subscription_cell(&app, person.as_ref(), &request).await;
                        for _ in 1..TRIES {
                            if expected.get(column) == Some(&told.as_str()) {
                                break;
                            }
                            told = subscription_cell(&app, person.as_ref(), &request).await;
                        }
                        told
                    }
                    _ => query_cell(&app, person.as_ref(), &request).await,
                });
            }
            if found != expected {
                wrong.push(format!("| `{name}` | {} |", found.join(" | ")));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "the rows of the table must be\n{}",
        wrong.join("\n")
    );
    assert!(rows.is_empty(), "rows without a field: {:?}", rows.keys());
}

/// Without the grant `READ`, nothing is allowed.
async fn without_read_every_field_is_forbidden(app: TestApp) {
    let first = app.workspace("First").await;
    let schema = app.schema(&app.admin_of(&[first]).await).await;
    let sample = SampleWorkspace::new(&app, &schema, "own", &|_| "own").await;
    let grants = [Grant::Write, Grant::CustomerNotes, Grant::Admin];
    let blind = app.api_key(&[sample.workspace], &grants).await;
    for root in Root::ALL {
        for field in schema.root(root) {
            let request = required_arguments(&app, &schema, &sample, root, field).await;
            let told = if root == Root::Subscription {
                subscription_cell(&app, Some(&blind), &request).await
            } else {
                query_cell(&app, Some(&blind), &request).await
            };
            assert_eq!(told, "FORBIDDEN", "{} {}", root.word(), field.name);
        }
    }
}

/// Enables the rate limit, so that the fields about it return data.
fn counted(settings: &mut Settings) {
    settings.rate_limit_per_second = Some(1_000_000);
    settings.rate_limit_size = 1_000_000;
}

on_each_database!(
    with super::counted;
    each_viewer_has_the_permissions_of_the_table,
    without_read_every_field_is_forbidden,
);
