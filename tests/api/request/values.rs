//! Invalid values are refused before a request runs.

use serde_json::json;

use super::{none, refused, why};
use crate::support::{TestApp, on_each_database};

const TICKETS: &str = "{ tickets { totalCount } }";

async fn variables_of_other_types_are_refused(app: TestApp) {
    let (_, admin) = app.admin().await;
    for (query, variables) in [
        (
            "query($n: Boolean!) { tickets(first: $n) { totalCount } }",
            json!({ "n": true }),
        ),
        (
            "query($n: String) { tickets(first: $n) { totalCount } }",
            json!({ "n": "1" }),
        ),
        (
            "query($s: TicketStatus!) { tickets(filter: { status: $s }) { totalCount } }",
            json!({ "s": "OPEN" }),
        ),
        (
            "query($s: [TicketStatus]) { tickets(filter: { status: $s }) { totalCount } }",
            json!({ "s": ["OPEN"] }),
        ),
        (
            "query($f: CustomerFilter) { tickets(filter: $f) { totalCount } }",
            json!({ "f": {} }),
        ),
        ("query($id: ID) { ticket(id: $id) { id } }", json!({ "id": "x" })),
        (
            "query($id: ID) { nodes(ids: [$id]) { id } }",
            json!({ "id": "x" }),
        ),
        (
            "query($on: String!) { viewer { kind @skip(if: $on) id: kind } }",
            json!({ "on": "true" }),
        ),
    ] {
        let message = why(&app, &admin, query, variables).await;
        assert!(
            message.contains("used in position expecting type"),
            "{query}: {message}"
        );
    }
}

async fn every_value_is_read_before_anything_is_written(app: TestApp) {
    let (_, admin) = app.admin().await;
    let first = "first: ticketCreate(input: { subject: \"s\", customerEmail: \"jane@example.com\", body: \"b\" }) { ticket { id } }";
    let with = |head: &str, second: &str| {
        format!("mutation{head} {{ {first} second: {second} {{ changeCursor }} }}")
    };
    let conversation = |at: &str| format!("conversationUpdate(id: \"x\", input: {{ snoozedUntil: {at} }})");
    for (query, variables, expected) in [
        (
            with("", &conversation("\"tomorrow\"")),
            none(),
            "not an RFC 3339 timestamp",
        ),
        (
            with("($at: DateTime = \"tomorrow\")", &conversation("$at")),
            none(),
            "not an RFC 3339 timestamp",
        ),
        (
            with("($at: DateTime)", &conversation("$at")),
            json!({ "at": "tomorrow" }),
            "$at: Failed to parse",
        ),
        (
            with(
                "($in: ConversationUpdateInput!)",
                "conversationUpdate(id: \"x\", input: $in)",
            ),
            json!({ "in": { "snoozedUntil": "tomorrow" } }),
            "$in.snoozedUntil: Failed to parse",
        ),
        (
            with("", "conversationUpdate(id: \"x\", input: { customFields: [1] })"),
            none(),
            "not a JSON object",
        ),
        (
            with(
                "",
                "conversationUpdate(id: \"x\", input: { customFields: { a: 1, a: 2 } })",
            ),
            none(),
            "only one input field named \"a\"",
        ),
        (
            with(
                "",
                "customerUpdate(id: \"x\", input: { name: \"a\", name: \"b\" })",
            ),
            none(),
            "only one input field named \"name\"",
        ),
        (
            with(
                "($n: [String!])",
                "customerUpdate(id: \"x\", input: { name: $n })",
            ),
            json!({ "n": ["a"] }),
            "used in position expecting type",
        ),
        (
            with(
                "",
                "conversationUpdate(id: \"x\", input: { customFields: { a: 123456789012345678901234567890 } })",
            ),
            none(),
            "more digits than can be stored",
        ),
    ] {
        let message = why(&app, &admin, &query, variables).await;
        assert!(message.contains(expected), "{query}: {message}");
    }
    let none_made = app.ask(&admin, TICKETS, none()).await.at("/tickets/totalCount");
    assert_eq!(none_made, 0);
}

async fn cursors_are_read_before_anything_is_written(app: TestApp) {
    let (_, admin) = app.admin().await;
    for after in ["3", "\"rubbish\"", "[]"] {
        let query = format!("{{ changes(after: {after}) {{ nodes {{ changeCursor }} }} }}");
        let message = why(&app, &admin, &query, none()).await;
        assert!(message.contains("ChangeCursor"), "{query}: {message}");
    }
    let given = "query($after: ChangeCursor) { changes(after: $after) { nodes { changeCursor } } }";
    let message = why(&app, &admin, given, json!({ "after": "rubbish" })).await;
    assert!(
        message.starts_with("$after: Failed to parse \"ChangeCursor\""),
        "{message}"
    );
}

async fn null_is_refused_for_non_null_positions(app: TestApp) {
    let (_, admin) = app.admin().await;
    let by_default = "query($on: Boolean = true) { viewer { kind @include(if: $on) } }";
    app.ask(&admin, by_default, none()).await.data();
    let message = why(&app, &admin, by_default, json!({ "on": null })).await;
    assert_eq!(message, "$on: this variable must not be null at this position.");
    let errors = refused(&app, &admin, "query($id: ID!) { ticket(id: $id) { id } }", none()).await;
    assert_eq!(errors[0]["message"], "$id: this variable must have a value.");
}

async fn whole_floats_are_accepted_as_integers(app: TestApp) {
    let (_, admin) = app.admin().await;
    let query = "query($n: Int) { tickets(first: $n) { totalCount } }";
    for n in [json!(2.0), json!(2), json!(null)] {
        app.ask(&admin, query, json!({ "n": n })).await.data();
    }
    app.ask(&admin, "{ tickets(first: 2.0) { totalCount } }", none())
        .await
        .data();
    app.ask(
        &admin,
        "query($n: Int = 2e0) { tickets(first: $n) { totalCount } }",
        none(),
    )
    .await
    .data();
    for n in [json!(2.5), json!(1e10), json!("2"), json!(true)] {
        let message = why(&app, &admin, query, json!({ "n": n })).await;
        assert!(
            message.starts_with("$n: expected a value of type \"Int\", found "),
            "{message}"
        );
    }
    let message = why(&app, &admin, "{ tickets(first: 2.5) { totalCount } }", none()).await;
    assert!(message.contains("Int"), "{message}");
}

on_each_database!(
    variables_of_other_types_are_refused,
    every_value_is_read_before_anything_is_written,
    cursors_are_read_before_anything_is_written,
    null_is_refused_for_non_null_positions,
    whole_floats_are_accepted_as_integers,
);
