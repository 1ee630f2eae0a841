//! Authentication and permissions: tokens, keys, grants and scopes.

mod algorithms;
mod canary;
mod customer;
mod ended;
mod grants;
mod jwks;
mod jwks_file;
mod jwks_trouble;
mod key;
mod key_made;
mod key_rotated;
mod matrix;
mod notes;
mod token;
mod token_forms;

pub use canary::SampleWorkspace;

use serde_json::{Value, json};

use crate::support::{Person, TestApp};

/// Returns the status and error code for a query that every viewer may send.
async fn asked(app: &TestApp, url: &str, credential: &str) -> (u16, Value) {
    let request = app
        .http()
        .post(format!("{url}/graphql"))
        .header("content-type", "application/json")
        .bearer_auth(credential)
        .body(r#"{"query":"{ viewer { kind } }"}"#);
    let response = request.send().await.expect("an answer");
    let answer = crate::support::Answer::read(response).await;
    let code = answer.body["errors"][0]["extensions"]["code"].clone();
    (answer.status, code)
}

fn refused() -> (u16, Value) {
    (401, json!("UNAUTHENTICATED"))
}

fn accepted() -> (u16, Value) {
    (200, Value::Null)
}

/// A ticket with a message of an agent, and its related objects.
struct Case {
    customer: Person,
    email: &'static str,
    agent: Person,
    ticket: Value,
}

impl Case {
    async fn new(app: &TestApp, workspace: entity::WorkspaceId, name: &str, email: &'static str) -> Self {
        let customer = app.customer(workspace, email).await;
        let agent = app.agent(workspace, name).await;
        let notes = json!({ "id": customer.id, "input": { "internalNotes": "Between agents" } });
        app.wrote(&agent, "customerUpdate", notes).await;
        let ticket = app.ticket(&agent, email).await;
        let mine = json!({ "id": ticket["id"], "input": { "assignedTo": agent.id } });
        app.wrote(&agent, "ticketUpdate", mine).await;
        let input = json!({
            "target": { "ticketId": ticket["id"] }, "body": "We look into it.", "direction": "OUTBOUND",
            "senderEmail": format!("{}@agents.example.com", name.to_lowercase()),
        });
        app.wrote(&agent, "messageAdd", json!({ "input": input })).await;
        Self {
            customer,
            email,
            agent,
            ticket,
        }
    }
}
