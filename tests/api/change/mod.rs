//! The change log by query and by subscription, with equal items and cursors.

mod follow;
mod nats;
mod nodes;
mod pull;
mod retention;
mod spans;
mod visibility;

use entity::WorkspaceId;
use serde_json::{Value, json};

use crate::support::{Person, TestApp};

const FIELDS: &str = "changeCursor name kind objectType objectId at changedFields { field before after } \
                      node { id __typename } actor { __typename ... on Agent { id } ... on ApiKey { id } \
                      ... on Customer { id } }";

/// Reads a page of the log as a viewer.
async fn pull(app: &TestApp, person: &Person, arguments: &str, variables: Value) -> Value {
    let declared = [("$after", "ChangeCursor"), ("$filter", "ChangeFilter")];
    let declared: Vec<String> = declared
        .into_iter()
        .filter(|(name, _)| arguments.contains(name))
        .map(|(name, kind)| format!("{name}: {kind}"))
        .collect();
    let declared = if declared.is_empty() {
        String::new()
    } else {
        format!("({})", declared.join(", "))
    };
    let query = format!(
        "query {declared} {{ changes({arguments}) {{ nodes {{ {FIELDS} }} changeCursor hasNextPage }} }}"
    );
    app.ask(person, &query, variables).await.at("/changes")
}

/// Reads the whole log as a viewer, in pages of this size.
async fn pull_all(app: &TestApp, person: &Person, first: usize, filter: Value) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let arguments = format!("after: $after, filter: $filter, first: {first}");
        let part = pull(
            app,
            person,
            &arguments,
            json!({ "after": after, "filter": filter }),
        )
        .await;
        all.extend(part["nodes"].as_array().unwrap().iter().cloned());
        if part["hasNextPage"] == false {
            return all;
        }
        assert_ne!(part["changeCursor"], after, "the cursor does not advance");
        after = part["changeCursor"].clone();
    }
}

fn names(changes: &[Value]) -> Vec<&str> {
    changes
        .iter()
        .map(|change| change["name"].as_str().unwrap())
        .collect()
}

/// Creates a workspace with one event of every kind: creations, changes and deletions.
async fn history(app: &TestApp) -> Person {
    history_in(app).await.1
}

/// Creates the same and returns the workspace too.
async fn history_in(app: &TestApp) -> (WorkspaceId, Person) {
    let (workspace, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    let customer = ticket["customer"]["id"].clone();
    let notes = json!({ "id": customer, "input": { "internalNotes": "secret", "name": "Ann" } });
    app.wrote(&admin, "customerUpdate", notes).await;
    let team = app
        .wrote(
            &admin,
            "teamCreate",
            json!({ "input": { "name": "Second line" } }),
        )
        .await;
    let input = json!({ "teamId": team["team"]["id"], "priority": "HIGH", "customFields": { "order": 7 } });
    app.wrote(
        &admin,
        "ticketUpdate",
        json!({ "id": ticket["id"], "input": input }),
    )
    .await;
    let input = json!({ "assigneeIds": [admin.id], "status": "DONE" });
    let thread = &ticket["conversation"]["id"];
    app.wrote(
        &admin,
        "conversationUpdate",
        json!({ "id": thread, "input": input }),
    )
    .await;
    let other = app.ticket(&admin, "bob@example.com").await;
    let deleted = json!({ "id": other["customer"]["id"] });
    app.wrote(&admin, "customerDelete", deleted).await;
    (workspace, admin)
}

const HISTORY: [&str; 15] = [
    "customer.created",
    "conversation.created",
    "ticket.created",
    "message.created",
    "customer.updated",
    "ticket.updated",
    "conversation.updated",
    "customer.created",
    "conversation.created",
    "ticket.created",
    "message.created",
    "message.deleted",
    "ticket.deleted",
    "conversation.deleted",
    "customer.deleted",
];
