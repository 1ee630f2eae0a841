//! A node that is shut down while it works.

use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::support::{Answer, TestApp, on_each_database};

/// Locks the row that every write needs last.
const HOLD: &str = "UPDATE change_counter SET position = position";

async fn a_shutdown_finishes_running_requests_and_refuses_new_ones(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let key = app
        .api_key(
            &[workspace],
            &[deskgraph::auth::Grant::Read, deskgraph::auth::Grant::Write],
        )
        .await;
    // Records the use of the key first, so that only the mutation writes below.
    app.ask(&key, "{ viewer { kind } }", json!({})).await.data();
    let held = app.services.db.begin().await.expect("the writer's turn");
    held.connection().execute_unprepared(HOLD).await.expect("held");
    app.statements.take();
    // A key is cached for one second.
    app.clock_control.advance_ms(1_000);
    let body = json!({ "query": "mutation { customerCreate(input: { email: \"late@example.com\" }) \
                                  { customer { email } userErrors { code } } }" });
    let request = app
        .another_client()
        .post(format!("{}/graphql", app.url))
        .bearer_auth(&key.credential)
        .json(&body);
    let asking = tokio::spawn(request.send());
    // The key is looked up when the request has arrived.
    while !app.statements.take().iter().any(|sql| sql.contains("api_key")) {
        tokio::task::yield_now().await;
    }
    app.shut_down();
    // The node may accept one more connection before it notices the shutdown.
    let refused = async {
        let live = format!("{}/health/live", app.url);
        while app.another_client().get(&live).send().await.is_ok() {}
    };
    let refused = tokio::time::timeout(std::time::Duration::from_secs(20), refused).await;
    refused.expect("new connections are rejected");
    held.commit().await.expect("let go");
    let answer = asking.await.expect("no panic").expect("an answer");
    let answer = Answer::read(answer).await;
    assert_eq!(answer.text("/customerCreate/customer/email"), "late@example.com");
}

on_each_database!(a_shutdown_finishes_running_requests_and_refuses_new_ones);
