//! Introspection, turned off.

use deskgraph::config::Settings;
use serde_json::{Value, json};

use super::{everywhere, refused};
use crate::support::{TestApp, on_each_database};

fn off(settings: &mut Settings) {
    settings.introspection = false;
    settings.batch_max = 2;
}

async fn introspection_is_refused_over_every_transport(app: TestApp) {
    let (_, admin) = app.admin().await;
    for query in [
        "{ __schema { types { name } } }",
        "{ viewer { kind } s: __schema { types { name } } }",
        "{ ...f } fragment f on Query { ... { t: __type(name: \"Ticket\") { name } } }",
        "{ __schema @include(if: false) { types { name } } }",
        "query A { viewer { kind } } query B { __type(name: \"Ticket\") { name } }",
    ] {
        let mut request = json!({ "query": query });
        if query.starts_with("query A") {
            request["operationName"] = Value::from("A");
        }
        for answer in everywhere(&app, &admin, &request).await {
            let (code, message) = refused(&answer);
            assert_eq!(code, "FORBIDDEN", "{query}");
            assert!(message.starts_with("Introspection is disabled"), "{message}");
        }
    }
}

async fn typename_is_allowed_without_introspection(app: TestApp) {
    let (_, admin) = app.admin().await;
    let request = json!({ "query": "{ __typename viewer { __typename } }" });
    for answer in everywhere(&app, &admin, &request).await {
        let expected = json!({ "__typename": "Query", "viewer": { "__typename": "Viewer" } });
        assert_eq!(answer, json!({ "data": expected }));
    }
}

async fn each_request_of_a_batch_is_refused_separately(app: TestApp) {
    let (_, admin) = app.admin().await;
    let list = json!([{ "query": "{ __schema { types { name } } }" }, { "query": "{ __typename }" }]);
    let response = app.post(Some(&admin.credential), &list.to_string()).await;
    let answers: Value = response.json().await.expect("JSON");
    assert_eq!(refused(&answers[0]).0, "FORBIDDEN");
    assert_eq!(answers[1]["data"]["__typename"], "Query");
}

on_each_database!(with super::off;
    introspection_is_refused_over_every_transport,
    typename_is_allowed_without_introspection,
    each_request_of_a_batch_is_refused_separately,
);

#[tokio::test]
async fn introspection_is_enabled_by_default() {
    let app = TestApp::sqlite().await;
    let (_, admin) = app.admin().await;
    let asked = app
        .ask(&admin, "{ __schema { queryType { name } } }", json!({}))
        .await;
    assert_eq!(asked.text("/__schema/queryType/name"), "Query");
}
