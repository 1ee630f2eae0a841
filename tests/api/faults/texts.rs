//! Filters that read long texts.

use deskgraph::config::Settings;
use serde_json::{Value, json};

use super::ask;
use crate::support::{Answer, Person, TestApp, on_each_database};

/// Bytes of each message.
const SIZE: usize = 10_000;

fn short_sight(settings: &mut Settings) {
    settings.message_bytes_max = 20_000;
    settings.filter_bytes_max = 64 << 10;
}

/// A ticket with eight long messages. Only the first contains `needle`.
async fn haystack(app: &TestApp, admin: &Person) -> Value {
    let body = |word: &str| format!("{word} {}", "x".repeat(SIZE));
    let input = json!({ "subject": "Hay", "customerEmail": "jane@example.com", "body": body("needle") });
    let made = app.write(admin, "ticketCreate", json!({ "input": input })).await;
    let ticket = made["ticket"]["id"].clone();
    for number in 1..8 {
        let input = json!({
            "target": { "ticketId": ticket },
            "direction": "INBOUND",
            "senderEmail": "jane@example.com",
            "body": body(&format!("straw{number}")),
        });
        let added = app.write(admin, "messageAdd", json!({ "input": input })).await;
        assert!(added.errors().is_empty());
    }
    ticket
}

fn refused(answer: &Answer) {
    let error = &answer.body["errors"][0];
    assert_eq!(error["extensions"]["code"], "TIMEOUT", "{}", answer.body);
    assert_eq!(error["extensions"]["max"], 64 << 10, "{error}");
    let message = error["message"].as_str().expect("a text");
    assert!(
        message.contains("65536") && message.contains("createdAt"),
        "{message}"
    );
}

async fn filters_that_read_too_much_text_are_refused(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = haystack(&app, &admin).await;
    let look = |filter: &str, what: &str| {
        format!("{{ ticket(id: {ticket}) {{ messages(filter: {{ {filter} }}) {{ {what} }} }} }}")
    };
    for filter in ["contains", "startsWith", "eq"] {
        let filter = format!("body: {{ {filter}: \"needle\" }}");
        for what in ["nodes { body }", "totalCount"] {
            refused(&ask(&app, &admin, &look(&filter, what)).await);
        }
    }
    // Filters that do not read texts have no such limit. Filters that narrow the list first reduce the texts to read.
    let answer = ask(&app, &admin, &look("body: { isNull: false }", "totalCount")).await;
    assert_eq!(answer.at("/ticket/messages/totalCount"), 8);
    let filter = "body: { contains: \"needle\" }, direction: OUTBOUND";
    let answer = ask(&app, &admin, &look(filter, "totalCount")).await;
    assert_eq!(answer.at("/ticket/messages/totalCount"), 0);
}

mod bounded {
    use super::*;

    on_each_database!(with super::super::short_sight; filters_that_read_too_much_text_are_refused);
}

async fn a_text_filter_matches_at_any_position(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = haystack(&app, &admin).await;
    for (pattern, count) in [
        ("STRAW", 7),
        ("w3 X", 1),
        ("needle", 1),
        ("%", 0),
        ("_", 0),
        ("", 8),
    ] {
        let query = "query($id: ID!, $p: String!) \
                     { ticket(id: $id) { messages(filter: { body: { contains: $p } }) { totalCount } } }";
        let answer = app
            .ask(&admin, query, json!({ "id": ticket, "p": pattern }))
            .await;
        assert_eq!(answer.at("/ticket/messages/totalCount"), count, "{pattern}");
    }
}

on_each_database!(a_text_filter_matches_at_any_position);
