//! Clients that disconnect: their work is cancelled.

use std::time::Duration;

use deskgraph::config::Settings;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::json;

use super::{TEAMS, VIEWER, ask, make_teams_endless};
use crate::support::{Person, TestApp, on_each_database};

/// Maximum time until a statement runs, or is cancelled. Much shorter than the time limit of a statement.
const TIMEOUT: Duration = Duration::from_mins(1);

fn one_connection(settings: &mut Settings) {
    settings.statement_timeout_ms = 600_000;
    settings.request_timeout_ms = 600_000;
    settings.database_connections = 1;
}

/// Waits until the only connection is busy.
async fn wait_until_busy(app: &TestApp) {
    let moment = Duration::from_millis(50);
    let waited = tokio::time::timeout(TIMEOUT, async {
        while tokio::time::timeout(moment, app.services.db.ping()).await.is_ok() {}
    });
    waited.await.expect("the statement runs");
}

/// Waits until the only connection is free. A ping waits for it, and fails if that takes too long.
async fn wait_until_free(app: &TestApp) {
    let waited = tokio::time::timeout(TIMEOUT, async { while app.services.db.ping().await.is_err() {} });
    waited.await.expect("the statement was cancelled");
}

/// Waits until the server runs no such statement.
async fn wait_until_idle(app: &TestApp) {
    let connection = app.services.db.connection();
    let backend = connection.get_database_backend();
    if backend != DbBackend::Postgres {
        return;
    }
    let count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' \
                 AND pid <> pg_backend_pid()";
    let waited = tokio::time::timeout(TIMEOUT, async {
        loop {
            let row = connection
                .query_one_raw(Statement::from_string(backend, count))
                .await;
            let row = row.expect("an answer").expect("a row");
            if row.try_get_by_index::<i64>(0).expect("a count") == 0 {
                return;
            }
        }
    });
    waited.await.expect("the server gave the statement up");
}

async fn a_disconnected_http_client_cancels_its_request(app: TestApp) {
    let (_, admin) = app.admin().await;
    make_teams_endless(&app).await;
    let asking = {
        let request = app
            .http()
            .post(format!("{}/graphql", app.url))
            .bearer_auth(&admin.credential)
            .json(&json!({ "query": TEAMS }));
        tokio::spawn(request.send())
    };
    wait_until_busy(&app).await;
    asking.abort();
    assert_works(&app, &admin).await;
}

async fn a_closed_socket_cancels_its_operations(app: TestApp) {
    let (_, admin) = app.admin().await;
    make_teams_endless(&app).await;
    let mut socket = app.socket(&admin).await;
    socket.begin("1", TEAMS, &json!({})).await;
    wait_until_busy(&app).await;
    drop(socket);
    assert_works(&app, &admin).await;
}

async fn a_completed_operation_is_cancelled_on_an_open_socket(app: TestApp) {
    let (_, admin) = app.admin().await;
    make_teams_endless(&app).await;
    let mut socket = app.socket(&admin).await;
    socket.begin("1", TEAMS, &json!({})).await;
    wait_until_busy(&app).await;
    socket.complete("1").await;
    assert_works(&app, &admin).await;
    socket.begin("2", VIEWER, &json!({})).await;
    socket.data("2").await;
}

async fn assert_works(app: &TestApp, admin: &Person) {
    wait_until_free(app).await;
    wait_until_idle(app).await;
    ask(app, admin, VIEWER).await.data();
}

on_each_database!(
    with super::one_connection;
    a_disconnected_http_client_cancels_its_request,
    a_closed_socket_cancels_its_operations,
    a_completed_operation_is_cancelled_on_an_open_socket,
);
