//! The documents that Deskgraph ships: each runs unchanged, with its variables, against a realistic workspace.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use async_graphql::parser::{
    parse_query,
    types::{ExecutableDocument, OperationType, Selection},
};
use serde_json::{Value, json};

use crate::support::{Person, TestApp, on_each_database, position, text};

/// Root fields that no REST API has an equivalent of. A new root field needs a document or an entry here.
const NO_CALLS: [&str; 4] = [
    // The viewer, its rate limit, and objects by id.
    "viewer",
    "rateLimit",
    "node",
    "nodes",
];

/// A document by name, with its operations and variables.
pub struct Operation {
    name: String,
    /// The text of the request.
    pub text: String,
    document: ExecutableDocument,
    variables: Value,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("operations")
}

/// Returns every file in the folders of the vendors, by its path in the common folder.
fn files() -> Vec<PathBuf> {
    let inside = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        entries.map(|entry| entry.expect("an entry").path()).collect()
    };
    let mut files: Vec<PathBuf> = inside(&folder())
        .iter()
        .flat_map(|vendor| inside(vendor))
        .collect();
    files.sort();
    files
}

/// Returns every document. A document that does not parse or has no variables causes a failure.
pub fn operations() -> Vec<Operation> {
    let mut paths = files();
    paths.retain(|path| path.extension().is_some_and(|kind| kind == "graphql"));
    assert!(!paths.is_empty());
    let read =
        |path: &Path| fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let operation = |path: PathBuf| {
        let name = path.strip_prefix(folder()).expect("a path below the folder");
        let name = name.with_extension("").to_string_lossy().replace('\\', "/");
        let text = read(&path);
        let document = parse_query(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let variables = read(&path.with_extension("variables.json"));
        let variables = serde_json::from_str(&variables).unwrap_or_else(|error| panic!("{name}: {error}"));
        Operation {
            name,
            text,
            document,
            variables,
        }
    };
    paths.into_iter().map(operation).collect()
}

impl Operation {
    fn is_subscription(&self) -> bool {
        self.is(OperationType::Subscription)
    }

    /// Returns true for queries.
    pub fn is_query(&self) -> bool {
        self.is(OperationType::Query)
    }

    fn is(&self, kind: OperationType) -> bool {
        let mut operations = self.document.operations.iter();
        operations.any(|(_, operation)| operation.node.ty == kind)
    }

    fn root_fields(&self) -> Vec<String> {
        let operations = self.document.operations.iter();
        let selections = operations.flat_map(|(_, operation)| &operation.node.selection_set.node.items);
        let name = |selection: &Selection| match selection {
            Selection::Field(field) => field.node.name.node.to_string(),
            other => panic!("{}: no field at the root: {other:?}", self.name),
        };
        selections.map(|selection| name(&selection.node)).collect()
    }

    /// Returns the variables with real objects in place of `{{…}}`.
    pub fn filled(&self, things: &BTreeMap<&str, String>) -> Value {
        let mut text = self.variables.to_string();
        for (name, value) in things {
            text = text.replace(&format!("{{{{{name}}}}}"), value);
        }
        assert!(!text.contains("{{"), "{}: unknown placeholder: {text}", self.name);
        serde_json::from_str(&text).expect("JSON")
    }
}

/// Creates a realistic workspace: John's ticket with a reply, an agent, a team and a queue.
pub async fn helpdesk(app: &TestApp) -> (Person, BTreeMap<&'static str, String>) {
    let (workspace, admin) = app.admin().await;
    let john = json!({ "input": { "email": "john@acme.com", "name": "John Smith", "company": "Acme Corp" } });
    let john = app.wrote(&admin, "customerUpsert", john).await;
    let other = json!({ "input": { "email": "other@example.com" } });
    let other = app.wrote(&admin, "customerUpsert", other).await;
    let groups = "mutation {
        teamCreate(input: { name: \"Flights\" }) { team { id } }
        queueCreate(input: { name: \"Urgent\" }) { queue { id } }
        apiKeyCreate(input: { name: \"Site\", grants: [READ] }) { apiKey { id } }
    }";
    let groups = app.ask(&admin, groups, json!({})).await.data();
    let ticket = app.ticket(&admin, "john@acme.com").await;
    let mine = json!({ "id": ticket["id"], "input": { "assignedTo": admin.id } });
    app.wrote(&admin, "ticketUpdate", mine).await;
    let answer = json!({
        "target": { "ticketId": ticket["id"] }, "body": "Happy to help!", "direction": "OUTBOUND",
        "senderEmail": "admin@agents.example.com",
    });
    let answer = app.wrote(&admin, "messageAdd", json!({ "input": answer })).await;
    let of = |value: &Value| text(value).to_owned();
    let things = BTreeMap::from([
        ("workspaceId", workspace.to_string()),
        ("customerId", of(&john["customer"]["id"])),
        ("otherCustomerId", of(&other["customer"]["id"])),
        ("customerEmail", "john@acme.com".to_owned()),
        ("ticketId", of(&ticket["id"])),
        ("conversationId", of(&ticket["conversation"]["id"])),
        ("messageId", of(&answer["message"]["id"])),
        ("agentId", admin.id.clone()),
        ("teamId", of(&groups["teamCreate"]["team"]["id"])),
        ("queueId", of(&groups["queueCreate"]["queue"]["id"])),
        ("apiKeyId", of(&groups["apiKeyCreate"]["apiKey"]["id"])),
    ]);
    (admin, things)
}

async fn every_query_and_mutation_runs_with_its_variables(app: TestApp) {
    let (admin, things) = helpdesk(&app).await;
    for operation in operations()
        .iter()
        .filter(|operation| !operation.is_subscription())
    {
        let name = &operation.name;
        let answer = app.ask(&admin, &operation.text, operation.filled(&things)).await;
        assert!(
            answer.body.get("errors").is_none(),
            "{name}: {}",
            answer.body["errors"]
        );
        for (field, value) in answer.body["data"].as_object().expect("data") {
            assert!(!value.is_null(), "{name}: {field} is null");
            let errors = value.get("userErrors").unwrap_or(&json!([])).clone();
            assert_eq!(errors, json!([]), "{name}");
            // An empty list would not test the fields of its items.
            assert_ne!(value.get("nodes").unwrap_or(value), &json!([]), "{name}");
        }
    }
}

async fn every_subscription_runs_with_its_variables(app: TestApp) {
    let (admin, things) = helpdesk(&app).await;
    let mut socket = app.socket(&admin).await;
    for operation in operations()
        .iter()
        .filter(|operation| operation.is_subscription())
    {
        let name = &operation.name;
        let variables = operation.filled(&things);
        socket.begin("live", &operation.text, &json!(variables)).await;
        // Writes repeatedly until an event is received, because the start of a subscription is not reported.
        let writing = async {
            for round in 0.. {
                stir(&app, &admin, &things, &format!("{name} {round}")).await;
            }
        };
        let heard = tokio::select! {
            heard = socket.data("live") => heard,
            () = writing => unreachable!("the loop has no end"),
        };
        socket.close().await;
        let root = &operation.root_fields()[0];
        let cursor = heard[root]["changeCursor"].clone();

        // Subscribes again from the received cursor.
        socket = app.socket(&admin).await;
        let mut variables = operation.filled(&things);
        variables["after"] = cursor.clone();
        stir(&app, &admin, &things, &format!("{name} after")).await;
        socket.begin("resumed", &operation.text, &json!(variables)).await;
        let next = &socket.data("resumed").await[root]["changeCursor"];
        assert!(position(text(next)) > position(text(&cursor)), "{name}: {next}");
        socket.close().await;
        socket = app.socket(&admin).await;
    }
}

/// Adds a message, and changes its ticket, its conversation and its customer.
async fn stir(app: &TestApp, admin: &Person, things: &BTreeMap<&str, String>, word: &str) {
    let target = json!({ "ticketId": things["ticketId"] });
    let input = json!({ "target": target, "body": word, "senderEmail": "john@acme.com" });
    app.wrote(admin, "messageAdd", json!({ "input": input })).await;
    for (mutation, thing, field) in [
        ("ticketUpdate", "ticketId", "resolutionType"),
        ("conversationUpdate", "conversationId", "name"),
        ("customerUpdate", "customerId", "company"),
    ] {
        let input = json!({ "id": things[thing], "input": { field: word } });
        app.wrote(admin, mutation, input).await;
    }
}

async fn every_root_field_has_a_document_or_a_reason(app: TestApp) {
    let (_, admin) = app.admin().await;
    let query = "{ __schema { queryType { fields { name } } mutationType { fields { name } } \
                 subscriptionType { fields { name } } } }";
    let schema = app.ask(&admin, query, json!({})).await.at("/__schema");
    let roots = ["queryType", "mutationType", "subscriptionType"];
    let fields = roots
        .iter()
        .flat_map(|root| schema[root]["fields"].as_array().expect("fields"));
    let there: BTreeSet<String> = fields.map(|field| text(&field["name"]).to_owned()).collect();
    let shown: BTreeSet<String> = operations().iter().flat_map(Operation::root_fields).collect();
    let excused: BTreeSet<String> = NO_CALLS.map(str::to_owned).into();
    let both: Vec<_> = shown.intersection(&excused).collect();
    assert!(
        both.is_empty(),
        "entries of NO_CALLS that a document uses: {both:?}"
    );
    let known: BTreeSet<String> = shown.union(&excused).cloned().collect();
    assert_eq!(known, there);
}

#[test]
fn every_file_is_a_document_or_its_variables() {
    let names: BTreeSet<String> = operations().into_iter().map(|operation| operation.name).collect();
    for file in files() {
        let file = file
            .strip_prefix(folder())
            .expect("a path below the folder")
            .to_string_lossy();
        let name = file
            .strip_suffix(".graphql")
            .or_else(|| file.strip_suffix(".variables.json"));
        assert!(
            name.is_some_and(|name| names.contains(name)),
            "{file} belongs to no document"
        );
    }
}

#[test]
fn every_document_has_a_comment_and_one_operation() {
    for operation in operations() {
        let name = &operation.name;
        assert!(
            operation.text.starts_with("# "),
            "{name} must begin with a comment"
        );
        let names: Vec<_> = operation
            .document
            .operations
            .iter()
            .map(|(name, _)| name)
            .collect();
        assert!(
            matches!(names[..], [Some(_)]),
            "{name} must contain one named operation"
        );
    }
}

on_each_database!(
    every_query_and_mutation_runs_with_its_variables,
    every_subscription_runs_with_its_variables,
    every_root_field_has_a_document_or_a_reason,
);
