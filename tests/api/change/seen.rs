//! Visibility of events in the change log.

use deskgraph::auth::{Grant, jwt::TokenRole};
use entity::WorkspaceId;
use serde_json::{Value, json};

use super::{history_in, names, pull_all};
use crate::support::{Person, TestApp, on_each_database, text};

/// Returns a customer with a token.
fn person(app: &TestApp, workspace: WorkspaceId, id: &Value) -> Person {
    let id = text(id).to_owned();
    Person {
        credential: app.token(&id, TokenRole::Customer, &[workspace]),
        id,
    }
}

async fn without_the_grant_notes_are_not_in_what_changed(app: TestApp) {
    let (workspace, _) = history_in(&app).await;
    let reader = app.api_key(&[workspace], &[Grant::Read]).await;
    let log = pull_all(&app, &reader, 100, Value::Null).await;
    assert_eq!(log.len(), 15);
    assert_eq!(
        log[4]["changedFields"],
        json!([{ "field": "name", "before": null, "after": "Ann" }])
    );
    assert!(!Value::from(log).to_string().contains("secret"));
}

async fn a_customer_sees_what_concerns_it_and_not_how_the_work_is_shared(app: TestApp) {
    let (workspace, admin) = history_in(&app).await;
    let log = pull_all(&app, &admin, 100, Value::Null).await;
    let ann = person(&app, workspace, &log[0]["objectId"]);
    let seen = pull_all(&app, &ann, 100, Value::Null).await;
    assert_eq!(names(&seen), names(&log[..7]));
    let fields: Vec<&str> = seen
        .iter()
        .flat_map(|change| change["changedFields"].as_array().unwrap())
        .map(|change| text(&change["field"]))
        .collect();
    assert!(
        !fields.contains(&"internalNotes") && !fields.contains(&"teamId"),
        "{fields:?}"
    );
    assert!(fields.contains(&"priority"));
    // With pages of one event: hidden events do not affect pages.
    assert_eq!(pull_all(&app, &ann, 1, Value::Null).await, seen);
}

async fn a_program_is_the_actor_of_what_it_wrote(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let key = app.api_key(&[workspace], &[Grant::Read, Grant::Write]).await;
    app.ticket(&key, "ann@example.com").await;
    let log = pull_all(&app, &admin, 100, Value::Null).await;
    for change in &log {
        assert_eq!(change["actor"], json!({ "__typename": "ApiKey", "id": key.id }));
    }
    let query = "query ($id: ID!) { node(id: $id) { ... on ApiKey { name prefix grants workspaces { id } \
                 createdAt expiresAt revokedAt } } }";
    let node = app.ask(&admin, query, json!({ "id": key.id })).await.at("/node");
    assert_eq!(node["grants"], json!(["read", "write"]));
    assert!(key.credential.starts_with(text(&node["prefix"])));
    assert_eq!(node["workspaces"], json!([{ "id": workspace.to_string() }]));
    // Viewers of another workspace and customers do not see API keys.
    let stranger = app.admin_of(&[app.workspace("Other").await]).await;
    assert_eq!(
        app.ask(&stranger, query, json!({ "id": key.id }))
            .await
            .at("/node"),
        Value::Null
    );
    let ann = person(&app, workspace, &log[0]["objectId"]);
    assert_eq!(
        app.ask(&ann, query, json!({ "id": key.id })).await.at("/node"),
        Value::Null
    );
    let seen = pull_all(&app, &ann, 100, Value::Null).await;
    assert!(seen.iter().all(|change| change["actor"] == Value::Null));
}

on_each_database!(
    without_the_grant_notes_are_not_in_what_changed,
    a_customer_sees_what_concerns_it_and_not_how_the_work_is_shared,
    a_program_is_the_actor_of_what_it_wrote,
);
