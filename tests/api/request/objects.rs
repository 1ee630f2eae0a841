//! An object without selected fields is empty. It is not null, because null would mean that the object does not exist.

use serde_json::json;

use super::none;
use crate::support::{TestApp, on_each_database, text};

async fn an_object_of_another_type_is_empty(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "jane@example.com").await;
    let id = text(&ticket["id"]);
    let send = |query: &'static str| app.ask(&admin, query, json!({ "id": id, "other": "nosuch" }));
    let one = send("query($id: ID!) { node(id: $id) { ... on Customer { name } } }")
        .await
        .data();
    assert_eq!(one, json!({ "node": {} }));
    let one = send("query($id: ID!) { node(id: $id) { ...f } } fragment f on Customer { name }")
        .await
        .data();
    assert_eq!(one, json!({ "node": {} }));
    let several =
        "query($id: ID!) { nodes(ids: [$id, $id]) { ... on Customer { name } ... on Ticket { status } } }";
    let several = send(several).await.data();
    assert_eq!(
        several,
        json!({ "nodes": [{ "status": "OPEN" }, { "status": "OPEN" }] })
    );
    let several = send("query($id: ID!) { nodes(ids: [$id]) { ... on Agent { name } } }")
        .await
        .data();
    assert_eq!(several, json!({ "nodes": [{}] }));
}

async fn an_object_whose_fields_are_all_skipped_is_empty(app: TestApp) {
    let (_, admin) = app.admin().await;
    app.ticket(&admin, "jane@example.com").await;
    let tickets = "query($no: Boolean! = false) { tickets { nodes { customer { name @include(if: $no) } team @include(if: $no) { id } } } }";
    let tickets = app.ask(&admin, tickets, none()).await.data();
    assert_eq!(tickets, json!({ "tickets": { "nodes": [{ "customer": {} }] } }));
    for (query, expected) in [
        ("{ viewer { kind @skip(if: true) } }", json!({ "viewer": {} })),
        (
            "{ viewer { ... @include(if: false) { kind } } }",
            json!({ "viewer": {} }),
        ),
        (
            "{ tickets { nodes { id @skip(if: true) } pageInfo { hasNextPage @skip(if: true) } } }",
            json!({ "tickets": { "nodes": [{}], "pageInfo": {} } }),
        ),
        (
            "{ tickets { edges { node { ...f @skip(if: true) } } } } fragment f on Ticket { id }",
            json!({ "tickets": { "edges": [{ "node": {} }] } }),
        ),
        ("{ tickets @skip(if: true) { totalCount } }", json!({})),
        (
            "mutation { teamCreate(input: { name: \"A\" }) @skip(if: true) { team { id } } }",
            json!({}),
        ),
        (
            "{ __schema { queryType { name @skip(if: true) } } }",
            json!({ "__schema": { "queryType": {} } }),
        ),
    ] {
        assert_eq!(app.ask(&admin, query, none()).await.data(), expected, "{query}");
    }
}

async fn introspection_objects_without_fields_are_empty(app: TestApp) {
    let (_, admin) = app.admin().await;
    let query = "{ __schema { directives { name @skip(if: true) } } }";
    let answer = app.ask(&admin, query, none()).await.at("/__schema/directives");
    let directives = answer.as_array().expect("a list");
    assert!(!directives.is_empty());
    for directive in directives {
        assert_eq!(*directive, json!({}));
    }
}

async fn a_missing_object_is_null(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "jane@example.com").await;
    let query =
        "query($id: ID!, $no: Boolean! = false) { ticket(id: $id) { team { id @include(if: $no) } } }";
    let id = text(&ticket["id"]);
    let present = app.ask(&admin, query, json!({ "id": id })).await.data();
    assert_eq!(present, json!({ "ticket": { "team": null } }));
    let missing = "query($id: ID!) { node(id: $id) { ... on Customer { name } } }";
    let other = text(&ticket["conversation"]["id"]).replace(|digit: char| digit.is_ascii_digit(), "0");
    let missing = app.ask(&admin, missing, json!({ "id": other })).await;
    assert_eq!(missing.data(), json!({ "node": null }));
}

on_each_database!(
    an_object_of_another_type_is_empty,
    an_object_whose_fields_are_all_skipped_is_empty,
    introspection_objects_without_fields_are_empty,
    a_missing_object_is_null,
);
