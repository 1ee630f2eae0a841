//! Several requests in one body.

use deskgraph::config::Settings;
use serde_json::{Value, json};

use super::limit_of;
use crate::support::{Answer, Person, TestApp, on_each_database};

fn batches(settings: &mut Settings) {
    settings.batch_max = 3;
    settings.query_cost_max = 100;
}

async fn send(app: &TestApp, person: &Person, batch: &Value) -> Answer {
    Answer::read(app.post(Some(&person.credential), &batch.to_string()).await).await
}

async fn a_batch_returns_responses_in_the_order_of_its_requests(app: TestApp) {
    let (_, admin) = app.admin().await;
    let batch = json!([
        { "query": "mutation { customerUpsert(input: { email: \"a@example.com\" }) { result } }" },
        { "query": "query($n: Int) { customers(first: $n) { totalCount } }", "variables": { "n": 5 } },
        { "query": "{ nothing }" },
    ]);
    let answer = send(&app, &admin, &batch).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body[0]["data"]["customerUpsert"]["result"], "CREATED");
    assert_eq!(answer.body[1]["data"]["customers"]["totalCount"], 1);
    assert_eq!(
        answer.body[2]["errors"][0]["extensions"]["code"],
        "BAD_USER_INPUT"
    );
    assert_eq!(answer.body.as_array().map(Vec::len), Some(3));
}

async fn too_long_empty_and_malformed_batches_are_refused(app: TestApp) {
    let (_, admin) = app.admin().await;
    let one = json!({ "query": "{ viewer { kind } }" });
    let long = send(&app, &admin, &json!([one, one, one, one])).await;
    assert_eq!(long.status, 400);
    assert_eq!(
        limit_of(&long.body["errors"][0]),
        json!(["QUERY_TOO_COSTLY", "batch", 4, 3])
    );
    for batch in [
        json!([]),
        json!([one, 1]),
        json!([[one]]),
        json!([["{ viewer { kind } }"]]),
        json!([one, "{ viewer { kind } }"]),
    ] {
        let answer = send(&app, &admin, &batch).await;
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (400, "BAD_USER_INPUT"),
            "{batch}"
        );
    }
}

async fn the_total_cost_of_a_batch_is_limited(app: TestApp) {
    let (_, admin) = app.admin().await;
    let page =
        |first: usize| json!({ "query": format!("{{ customers(first: {first}) {{ nodes {{ id }} }} }}") });
    let within = send(&app, &admin, &json!([page(60), page(38)])).await;
    assert_eq!(within.body[1]["data"]["customers"]["nodes"], json!([]));
    app.statements.take();
    let over = send(&app, &admin, &json!([page(60), page(39)])).await;
    for answer in over.body.as_array().expect("a list") {
        assert_eq!(
            limit_of(&answer["errors"][0]),
            json!(["QUERY_TOO_COSTLY", "cost", 101, 100])
        );
    }
    assert!(app.statements.take().is_empty());
}

on_each_database!(
    with super::batches;
    a_batch_returns_responses_in_the_order_of_its_requests,
    too_long_empty_and_malformed_batches_are_refused,
    the_total_cost_of_a_batch_is_limited,
);
