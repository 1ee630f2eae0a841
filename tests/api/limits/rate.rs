//! The rate limit of each caller.

use deskgraph::config::Settings;
use serde_json::{Value, json};

use super::everywhere;
use crate::support::{Answer, Person, TestApp, on_each_database};

/// A request that takes the whole quota, which is refilled in ten seconds.
const ALL: &str = "{ customers(first: 99) { nodes { id } } }";

fn limited(settings: &mut Settings) {
    settings.rate_limit_per_second = Some(10);
    settings.rate_limit_size = 100;
    settings.batch_max = 2;
}

/// Uses the whole quota of a caller.
async fn exhaust(app: &TestApp, person: &Person) {
    app.ask(person, ALL, json!({})).await.data();
}

async fn an_exhausted_quota_is_reported_with_the_time_to_wait(app: TestApp) {
    let (_, admin) = app.admin().await;
    exhaust(&app, &admin).await;
    app.statements.take();
    let query = "{ customers(first: 24) { nodes { id } } }";
    let body = json!({ "query": query }).to_string();
    let response = app.post(Some(&admin.credential), &body).await;
    assert_eq!(response.headers()["retry-after"], "3");
    let answer = Answer::read(response).await;
    assert_eq!((answer.status, answer.error().as_str()), (429, "RATE_LIMITED"));
    for error in everywhere(&app, &admin, query).await {
        let extensions = &error["extensions"];
        let figures = ["retryAfter", "cost", "remaining", "limit"].map(|name| extensions[name].clone());
        assert_eq!(figures, [json!(3), json!(25), json!(0), json!(100)]);
    }
    assert!(app.statements.take().is_empty());
    app.clock_control.advance_ms(3_000);
    app.ask(&admin, query, json!({})).await.data();
}

async fn subscriptions_and_batches_are_limited_too(app: TestApp) {
    let (_, admin) = app.admin().await;
    exhaust(&app, &admin).await;
    for error in everywhere(&app, &admin, "subscription { messageAdded { id } }")
        .await
        .iter()
        .skip(1)
    {
        assert_eq!(error["extensions"]["code"], "RATE_LIMITED");
    }
    app.clock_control.advance_ms(1_000);
    let page = json!({ "query": "{ customers(first: 7) { nodes { id } } }" });
    let response = app
        .post(Some(&admin.credential), &json!([page, page]).to_string())
        .await;
    assert_eq!(response.headers()["retry-after"], "1");
    let answer = Answer::read(response).await;
    assert_eq!(answer.status, 429);
    for one in answer.body.as_array().expect("a list") {
        assert_eq!(one["errors"][0]["extensions"]["code"], "RATE_LIMITED");
    }
}

async fn each_caller_reads_its_own_quota(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let other = app.agent(workspace, "Mia").await;
    exhaust(&app, &admin).await;
    let query = "{ rateLimit { limit cost remaining resetAt } }";
    let quota = app.ask(&other, query, json!({})).await.at("/rateLimit");
    let full_at: Value = json!("2026-01-01T12:00:00.100Z");
    assert_eq!(
        quota,
        json!({ "limit": 100, "cost": 1, "remaining": 99, "resetAt": full_at })
    );
    assert_eq!(app.ask(&admin, query, json!({})).await.error(), "RATE_LIMITED");
}

on_each_database!(
    with super::limited;
    an_exhausted_quota_is_reported_with_the_time_to_wait,
    subscriptions_and_batches_are_limited_too,
    each_caller_reads_its_own_quota,
);
