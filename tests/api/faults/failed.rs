//! A statement that fails in a nested field.

use serde_json::json;

use super::run;
use crate::support::{TestApp, on_each_database};

async fn a_failed_read_is_retried_at_most_once(app: TestApp) {
    let (_, admin) = app.admin().await;
    app.ticket(&admin, "jane@example.com").await;
    let query = "{ customers { nodes { tickets { nodes { messages { nodes { body } } } } } } }";
    run(&app, "ALTER TABLE message RENAME TO message_away").await;
    app.statements.take();
    let answer = app.ask(&admin, query, json!({})).await;
    let error = &answer.body["errors"][0];
    assert_eq!(error["extensions"]["code"], "INTERNAL", "{error}");
    let path = json!(["customers", "nodes", 0, "tickets", "nodes", 0, "messages"]);
    assert_eq!(error["path"], path, "{error}");
    let asked = app.statements.take();
    let failed = asked.iter().filter(|sql| sql.contains("\"message\"")).count();
    assert_eq!(failed, 2, "{asked:#?}");
    run(&app, "ALTER TABLE message_away RENAME TO message").await;
    app.ask(&admin, query, json!({})).await.data();
}

on_each_database!(a_failed_read_is_retried_at_most_once);
