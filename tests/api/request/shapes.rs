//! The forms of requests that clients send.

use serde_json::{Value, json};

use super::none;
use crate::support::{Answer, Person, TestApp, on_each_database};

/// Sends a body unchanged.
async fn sent(app: &TestApp, person: &Person, body: &str) -> Answer {
    Answer::read(app.post(Some(&person.credential), body).await).await
}

fn why(answer: &Answer) -> &str {
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert_eq!(answer.error(), "BAD_USER_INPUT");
    answer.body["errors"][0]["message"].as_str().expect("a message")
}

async fn null_and_empty_request_fields_are_accepted(app: TestApp) {
    let (_, admin) = app.admin().await;
    let list = "query($s: [TicketStatus!]) { tickets(filter: { status: $s }) { totalCount } }";
    let filter = "query($f: TicketFilter) { tickets(filter: $f) { totalCount } }";
    for request in [
        json!({ "query": "query A { __typename }", "operationName": "", "variables": null, "extensions": null }),
        json!({ "query": list, "variables": { "s": "OPEN" } }),
        json!({ "query": filter, "variables": { "f": { "status": "OPEN", "tags": { "hasAny": "vip" } } } }),
    ] {
        sent(&app, &admin, &request.to_string()).await.data();
    }
    let empty = sent(&app, &admin, r#"{"query":"{__typename}","variables":""}"#).await;
    assert_eq!(why(&empty), "`variables` is not a JSON object.");
}

async fn an_empty_page_has_the_total_count(app: TestApp) {
    let (_, admin) = app.admin().await;
    let query = "{ tickets(first: 0) { totalCount nodes { id } pageInfo { hasNextPage } } }";
    let empty = app.ask(&admin, query, none()).await.at("/tickets");
    assert_eq!(
        empty,
        json!({ "totalCount": 0, "nodes": [], "pageInfo": { "hasNextPage": false } })
    );
    for _ in 0..2 {
        app.ticket(&admin, "jane@example.com").await;
    }
    let page = |has_next: bool, has_previous: bool| {
        json!({
            "totalCount": 2, "edges": [],
            "pageInfo": { "hasNextPage": has_next, "hasPreviousPage": has_previous, "startCursor": null, "endCursor": null },
        })
    };
    let query = |argument: &str| {
        format!(
            "{{ tickets({argument}) {{ totalCount edges {{ cursor }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
        )
    };
    let first = app.ask(&admin, &query("first: 0"), none()).await.at("/tickets");
    assert_eq!(first, page(true, false));
    let last = app.ask(&admin, &query("last: 0"), none()).await.at("/tickets");
    assert_eq!(last, page(false, true));
    let inside =
        "{ customers { nodes { tickets(first: 0) { totalCount nodes { id } pageInfo { hasNextPage } } } } }";
    let inside = app
        .ask(&admin, inside, none())
        .await
        .at("/customers/nodes/0/tickets");
    assert_eq!(
        inside,
        json!({ "totalCount": 2, "nodes": [], "pageInfo": { "hasNextPage": true } })
    );
    let refused = app
        .ask(&admin, "{ tickets(first: -1) { totalCount } }", none())
        .await;
    assert_eq!(
        refused.body["errors"][0]["message"],
        "`first` is -1. It must be between 0 and 100."
    );
}

async fn an_empty_page_of_the_log_skips_no_event(app: TestApp) {
    let (_, admin) = app.admin().await;
    app.ticket(&admin, "jane@example.com").await;
    let query = "query($after: ChangeCursor, $n: Int!) { changes(after: $after, first: $n) { nodes { __typename } changeCursor hasNextPage } }";
    let all = app
        .ask(&admin, query, json!({ "n": 100 }))
        .await
        .at("/changes/nodes");
    let part = app.ask(&admin, query, json!({ "n": 0 })).await.at("/changes");
    assert_eq!((&part["nodes"], &part["hasNextPage"]), (&json!([]), &json!(true)));
    let rest = json!({ "n": 100, "after": part["endCursor"] });
    let rest = app.ask(&admin, query, rest).await.at("/changes/nodes");
    assert_eq!(rest, all);
}

async fn an_empty_cursor_is_ignored(app: TestApp) {
    let (_, admin) = app.admin().await;
    for _ in 0..3 {
        app.ticket(&admin, "jane@example.com").await;
    }
    let query = "query($a: String, $b: String) { tickets(first: 2, after: $a, before: $b) { nodes { id } } }";
    let expected = app.ask(&admin, query, none()).await.at("/tickets/nodes");
    for variables in [
        json!({ "a": "" }),
        json!({ "b": "" }),
        json!({ "a": "", "b": "" }),
    ] {
        let nodes = app.ask(&admin, query, variables).await.at("/tickets/nodes");
        assert_eq!(nodes, expected);
    }
    let offset = "{ tickets(first: 2, after: \"\", offset: 1) { nodes { id } } }";
    let nodes = app.ask(&admin, offset, none()).await.at("/tickets/nodes");
    assert_eq!(nodes.as_array().map(Vec::len), Some(2));
    let refused = app
        .ask(&admin, "{ tickets(after: \" \") { totalCount } }", none())
        .await;
    assert_eq!(refused.error(), "BAD_USER_INPUT after");
}

async fn an_incomplete_surrogate_pair_is_reported_with_its_position(app: TestApp) {
    let (_, admin) = app.admin().await;
    let query = "mutation($s: String!) { ticketCreate(input: { subject: $s, customerEmail: \\\"x@example.com\\\", body: \\\"b\\\" }) { changeCursor } }";
    for (text, before) in [
        ("cut \\ud83d", "cut \\ud83d"),
        ("cut \\ud83d and on", "cut \\ud83d"),
        ("cut \\ude00", "cut \\ude00"),
    ] {
        let body = format!("{{\"query\":\"{query}\",\n\"variables\":{{\"s\":\"{text}\"}}}}");
        let answer = sent(&app, &admin, &body).await;
        let message = why(&answer);
        let place = message.strip_prefix(
            "The request body contains an incomplete surrogate pair (\\uD800 to \\uDFFF) at line 2 column ",
        );
        let place = place.and_then(|place| place.trim_end_matches('.').parse::<usize>().ok());
        let column = "\"variables\":{\"s\":\"".len() + before.len();
        assert!(
            place.is_some_and(|place| place.abs_diff(column) <= 2),
            "{message}"
        );
    }
    let answer = app.ask(&admin, "{ node(id: \"\\ud83d\") { id } }", none()).await;
    let error: &Value = &answer.body["errors"][0];
    assert_eq!(
        error["locations"],
        json!([{ "line": 1, "column": 12 }]),
        "{error}"
    );
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|message| message.contains("surrogate")),
        "{error}"
    );
}

async fn a_number_with_too_many_digits_is_refused_with_its_position(app: TestApp) {
    let (_, admin) = app.admin().await;
    let query = "mutation($f: JSONObject) { customerCreate(input: { name: \\\"N\\\", customFields: $f }) { customer { customFields } } }";
    let with =
        |number: &str| format!("{{\"query\":\"{query}\",\n\"variables\":{{\"f\":{{\"n\":{number}}}}}}}");
    let answer = sent(&app, &admin, &with("123456789012345678901234567890")).await;
    let expected = "The number at line 2 column 23 has more digits than can be stored. Send it as a string.";
    assert_eq!(why(&answer), expected);
    let url = format!(
        "{}/graphql?query=%7B__typename%7D&variables=%7B%22n%22:{}%7D",
        app.url,
        "9".repeat(30)
    );
    let got = app.http().get(url).bearer_auth(&admin.credential).send().await;
    let got = Answer::read(got.expect("an answer")).await;
    assert!(
        why(&got).starts_with("The number at line 1 column 6 has more digits"),
        "{}",
        got.body
    );
    for number in [
        "9223372036854775807",
        "-1.5",
        "\"123456789012345678901234567890\"",
    ] {
        let kept = sent(&app, &admin, &with(number))
            .await
            .at("/customerCreate/customer/customFields/n");
        assert_eq!(kept.to_string(), number);
    }
}

on_each_database!(
    null_and_empty_request_fields_are_accepted,
    an_empty_page_has_the_total_count,
    an_empty_page_of_the_log_skips_no_event,
    an_empty_cursor_is_ignored,
    an_incomplete_surrogate_pair_is_reported_with_its_position,
    a_number_with_too_many_digits_is_refused_with_its_position,
);
