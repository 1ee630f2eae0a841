//! The field `viewer`.

use deskgraph::auth::Grant;
use serde_json::json;

use crate::support::{TestApp, on_each_database};

const VIEWER: &str = "{ viewer { kind grants agent { id name } customer { id } workspaces { name } } }";

async fn an_admin_reads_its_own_account(app: TestApp) {
    let (_, admin) = app.admin().await;
    let viewer = app.ask(&admin, VIEWER, json!({})).await.at("/viewer");
    assert_eq!(viewer["kind"], "AGENT");
    assert_eq!(viewer["agent"]["id"], admin.id);
    assert_eq!(
        viewer["grants"],
        json!(["READ", "WRITE", "CUSTOMER_NOTES", "ADMIN"])
    );
    assert_eq!(viewer["workspaces"], json!([{ "name": "Test" }]));
}

async fn an_api_key_reads_its_workspaces_and_grants(app: TestApp) {
    let (one, two) = (app.workspace("One").await, app.workspace("Two").await);
    app.workspace("Three").await;
    let program = app.api_key(&[one, two], &[Grant::Read]).await;
    let viewer = app.ask(&program, VIEWER, json!({})).await.at("/viewer");
    assert_eq!(viewer["kind"], "API_KEY");
    assert_eq!(viewer["grants"], json!(["READ"]));
    assert_eq!(
        viewer["workspaces"],
        json!([{ "name": "One" }, { "name": "Two" }])
    );
    assert_eq!(viewer["agent"], json!(null));
}

async fn requests_need_a_valid_credential(app: TestApp) {
    app.admin().await;
    for credential in [
        None,
        Some("nonsense"),
        Some("dk_nonsense"),
        Some("a.b.c"),
        Some(""),
    ] {
        let response = app.post(credential, r#"{"query":"{ viewer { kind } }"}"#).await;
        assert_eq!(response.status(), 401);
        let answer = crate::support::Answer::read(response).await;
        assert_eq!(answer.error(), "UNAUTHENTICATED");
    }
}

on_each_database!(
    an_admin_reads_its_own_account,
    an_api_key_reads_its_workspaces_and_grants,
    requests_need_a_valid_credential,
);
