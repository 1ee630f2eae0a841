//! The cost that responses report.

use serde_json::json;

use super::with_cost;
use crate::support::{Answer, TestApp, on_each_database};

async fn a_query_reports_its_cost_on_request(app: TestApp) {
    let (_, admin) = app.admin().await;
    for email in ["a@example.com", "b@example.com"] {
        app.ticket(&admin, email).await;
    }
    let query = "query ($n: Int) { tickets(first: $n) { nodes { customer { id } messages(first: 3) { nodes { id } } } } }";
    app.statements.take();
    let answer = with_cost(&app, &admin, query, json!({ "n": 10 })).await;
    let statements = app.statements.take().len();
    let expected =
        json!({ "requested": 1 + 10 * (1 + 1 + 1 + 3), "statements": statements, "rows": 2 + 2 + 2 });
    assert_eq!(answer.body["extensions"]["cost"], expected);
    // Customers are loaded with their tickets.
    assert_eq!(statements, 2);

    let plain = app.ask(&admin, query, json!({ "n": 10 })).await;
    assert!(plain.body.get("extensions").is_none(), "{}", plain.body);
}

async fn a_mutation_reports_its_cost(app: TestApp) {
    let (_, admin) = app.admin().await;
    let upsert = "mutation { customerUpsert(input: { email: \"a@example.com\" }) { customer { id } } }";
    app.statements.take();
    let answer = with_cost(&app, &admin, upsert, json!({})).await;
    let statements = app.statements.take().len();
    let cost = &answer.body["extensions"]["cost"];
    assert_eq!(cost["requested"], 2);
    assert_eq!(cost["statements"], statements);
}

async fn get_requests_sockets_and_streams_report_the_cost(app: TestApp) {
    let (_, admin) = app.admin().await;
    let expected = json!({ "requested": 1, "statements": 0, "rows": 0 });
    let url = format!(
        "{}/graphql?query=%7Bviewer%7Bkind%7D%7D&extensions=%7B%22cost%22%3Atrue%7D",
        app.url
    );
    let get = app.http().get(url).bearer_auth(&admin.credential);
    let answer = Answer::read(get.send().await.expect("an answer")).await;
    assert_eq!(answer.body["extensions"]["cost"], expected);

    let payload = json!({ "query": "{ viewer { kind } }", "extensions": { "cost": true } });
    let mut socket = app.socket(&admin).await;
    socket
        .send(&json!({ "type": "subscribe", "id": "1", "payload": payload }))
        .await;
    assert_eq!(socket.message().await["payload"]["extensions"]["cost"], expected);
    let mut events = app.stream(&admin, &payload, &[]).await;
    let event = events.next().await.expect("an event").json();
    assert_eq!(event["extensions"]["cost"], expected);
}

on_each_database!(
    a_query_reports_its_cost_on_request,
    a_mutation_reports_its_cost,
    get_requests_sockets_and_streams_report_the_cost,
);
