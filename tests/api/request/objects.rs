//! An object of which nothing is selected is empty, and not null, which would mean that it is not there.

use serde_json::json;

use super::none;
use crate::support::{TestApp, on_each_database, text};

async fn a_thing_of_another_type_is_an_empty_object(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "jane@example.com").await;
    let id = text(&ticket["id"]);
    let ask = |query: &'static str| app.ask(&admin, query, json!({ "id": id, "other": "nosuch" }));
    let one = ask("query($id: ID!) { node(id: $id) { ... on Customer { name } } }")
        .await
        .data();
    assert_eq!(one, json!({ "node": {} }));
    let one = ask("query($id: ID!) { node(id: $id) { ...f } } fragment f on Customer { name }")
        .await
        .data();
    assert_eq!(one, json!({ "node": {} }));
    let several =
        "query($id: ID!) { nodes(ids: [$id, $id]) { ... on Customer { name } ... on Ticket { status } } }";
    let several = ask(several).await.data();
    assert_eq!(
        several,
        json!({ "nodes": [{ "status": "OPEN" }, { "status": "OPEN" }] })
    );
    let several = ask("query($id: ID!) { nodes(ids: [$id]) { ... on Agent { name } } }")
        .await
        .data();
    assert_eq!(several, json!({ "nodes": [{}] }));
}

async fn an_object_of_which_every_field_is_skipped_is_empty(app: TestApp) {
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
            "mutation { teamCreate(input: { name: \"A\" }) @skip(if: true) { cursor } }",
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

async fn an_object_in_a_list_of_introspection_is_empty_too(app: TestApp) {
    let (_, admin) = app.admin().await;
    let query = "{ __schema { directives { name @skip(if: true) } } }";
    let answer = app.ask(&admin, query, none()).await.at("/__schema/directives");
    let directives = answer.as_array().expect("a list");
    assert!(!directives.is_empty());
    for directive in directives {
        assert_eq!(*directive, json!({}));
    }
}

async fn what_is_not_there_is_still_null(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "jane@example.com").await;
    let query =
        "query($id: ID!, $no: Boolean! = false) { ticket(id: $id) { team { id @include(if: $no) } } }";
    let id = text(&ticket["id"]);
    let there = app.ask(&admin, query, json!({ "id": id })).await.data();
    assert_eq!(there, json!({ "ticket": { "team": null } }));
    let gone = "query($id: ID!) { node(id: $id) { ... on Customer { name } } }";
    let other = text(&ticket["conversation"]["id"]).replace(|digit: char| digit.is_ascii_digit(), "0");
    let gone = app.ask(&admin, gone, json!({ "id": other })).await;
    assert_eq!(gone.data(), json!({ "node": null }));
}

on_each_database!(
    a_thing_of_another_type_is_an_empty_object,
    an_object_of_which_every_field_is_skipped_is_empty,
    an_object_in_a_list_of_introspection_is_empty_too,
    what_is_not_there_is_still_null,
);
