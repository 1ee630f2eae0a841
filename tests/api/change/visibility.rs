//! Visibility of events in the change log.

use deskgraph::auth::{Grant, jwt::TokenRole};
use entity::WorkspaceId;
use serde_json::{Value, json};

use super::{history_in, names, pull_all};
use crate::support::{Person, TestApp, on_each_database, text};

/// Returns a customer with a token.
fn customer_with_token(app: &TestApp, workspace: WorkspaceId, id: &Value) -> Person {
    let id = text(id).to_owned();
    Person {
        credential: app.token(&id, TokenRole::Customer, &[workspace]),
        id,
    }
}

async fn changed_fields_omit_notes_without_the_grant(app: TestApp) {
    let (workspace, admin) = history_in(&app).await;
    let reader = app.api_key(&[workspace], &[Grant::Read]).await;
    let log = pull_all(&app, &reader, 100, Value::Null).await;
    assert_eq!(log.len(), 15);
    assert_eq!(
        log[4]["changedFields"],
        json!([{ "field": "name", "before": null, "after": "Ann" }])
    );
    assert!(!Value::from(log).to_string().contains("secret"));
    // A filter does not reveal that a hidden field changed.
    let filter = json!({ "changedFields": ["CUSTOMER.internalNotes"] });
    assert_eq!(pull_all(&app, &admin, 100, filter.clone()).await.len(), 1);
    assert_eq!(pull_all(&app, &reader, 100, filter).await.len(), 0);
}

async fn a_customer_reads_its_events_without_assignments(app: TestApp) {
    let (workspace, admin) = history_in(&app).await;
    let log = pull_all(&app, &admin, 100, Value::Null).await;
    let ann = customer_with_token(&app, workspace, &log[0]["objectId"]);
    let visible = pull_all(&app, &ann, 100, Value::Null).await;
    assert_eq!(names(&visible), names(&log[..7]));
    let fields: Vec<&str> = visible
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
    assert_eq!(pull_all(&app, &ann, 1, Value::Null).await, visible);
}

async fn an_api_key_is_the_actor_of_its_writes(app: TestApp) {
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
    assert_eq!(node["grants"], json!(["READ", "WRITE"]));
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
    let ann = customer_with_token(&app, workspace, &log[0]["objectId"]);
    assert_eq!(
        app.ask(&ann, query, json!({ "id": key.id })).await.at("/node"),
        Value::Null
    );
    let visible = pull_all(&app, &ann, 100, Value::Null).await;
    assert!(visible.iter().all(|change| change["actor"] == Value::Null));
}

on_each_database!(
    changed_fields_omit_notes_without_the_grant,
    a_customer_reads_its_events_without_assignments,
    an_api_key_is_the_actor_of_its_writes,
);
