//! Mutations: effects, errors and unchanged data.

mod addresses;
mod addresses_found;
mod addresses_refused;
mod conversation;
mod custom_fields;
mod custom_fields_found;
mod customer;
mod customer_refused;
mod delete;
mod delete_log;
mod delete_race;
mod delete_tables;
mod erased_bytes;
mod external_id;
mod figures;
mod follow_up;
mod groups;
mod groups_hidden;
mod groups_refused;
mod hand_over;
mod hand_over_found;
mod hand_over_refused;
mod html;
mod message;
mod profile;
mod race;
mod repeat;
mod repeat_race;
mod repeat_scope;
mod snooze;
mod taken_race;
mod ticket;
mod ticket_update;
mod time;
mod version;

use entity::WorkspaceId;
use serde_json::{Value, json};

use crate::support::{Payload, Person, TestApp};

/// Creates a customer with these fields.
async fn customer(app: &TestApp, person: &Person, input: Value) -> Value {
    let made = app
        .wrote(person, "customerCreate", json!({ "input": input }))
        .await;
    made["customer"].clone()
}

/// Updates a customer. Returns the customer, or the errors.
async fn update(app: &TestApp, person: &Person, id: &Value, input: Value) -> Payload {
    let variables = json!({ "id": id, "input": input });
    app.write(person, "customerUpdate", variables).await
}

/// Returns the field changes in the newest event of a workspace.
async fn recorded(app: &TestApp, workspace: WorkspaceId) -> Value {
    let log = app.log(workspace).await;
    log.last().expect("an event").fields.clone().unwrap_or_default()
}
