//! Failures that the caller does not cause: overload, disconnected clients, and a database that is unreachable or
//! full.

mod batch;
mod connections;
mod failed;
mod full;
mod given_up;
mod gone;
mod lost;
mod share;
mod shutdown;
mod slow;
mod texts;
mod unfit;

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::support::{Answer, Person, TestApp};

/// A query whose statement ends only when it is cancelled, after a call of [`make_teams_endless`].
const TEAMS: &str = "{ teams { nodes { id } } }";
/// A query that is answered at once.
const VIEWER: &str = "{ viewer { kind } agents { nodes { id } } }";

/// Replaces the table of teams by a view whose statements never end.
async fn make_teams_endless(app: &TestApp) {
    make_table_endless(app, "team").await;
}

/// Replaces another table in the same way.
async fn make_table_endless(app: &TestApp, table: &str) {
    run(app, &format!("ALTER TABLE {table} RENAME TO {table}_away")).await;
    let view = match app.services.db.connection().get_database_backend() {
        DbBackend::Postgres => format!(
            "CREATE VIEW {table} AS SELECT {table}_away.* FROM (SELECT pg_sleep(600)) AS long \
             LEFT JOIN {table}_away ON true"
        ),
        _ => format!(
            "CREATE VIEW {table} AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
             SELECT {table}_away.* FROM n CROSS JOIN {table}_away WHERE n.i < 0"
        ),
    };
    run(app, &view).await;
}

/// Runs a statement outside of any operation.
async fn run(app: &TestApp, sql: &str) {
    let ran = app.services.db.connection().execute_unprepared(sql).await;
    ran.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Sends a query without variables.
async fn ask(app: &TestApp, person: &Person, query: &str) -> Answer {
    app.ask(person, query, serde_json::json!({})).await
}

/// Returns the status of the readiness check.
async fn ready(app: &TestApp) -> u16 {
    let asked = app.http().get(format!("{}/health/ready", app.url)).send().await;
    asked.expect("an answer").status().as_u16()
}

/// Waits until the node is ready. A single check can fail on a busy machine, because it gives up in less than a second.
async fn wait_until_ready(app: &TestApp) {
    let waited = tokio::time::timeout(Duration::from_secs(30), async {
        while ready(app).await != 204 {}
    });
    waited.await.expect("the node is ready");
}

/// A mutation that is refused within its transaction, which is rolled back.
async fn write_refused_mutation(app: &TestApp, person: &Person) {
    let arguments =
        serde_json::json!({ "id": "tkt_00000000000000000000000001", "input": { "subject": "None" } });
    let payload = app.write(person, "ticketUpdate", arguments).await;
    assert_eq!(payload.errors(), ["NOT_FOUND id"]);
}

/// Returns the number that a statement selects.
async fn number(app: &TestApp, sql: &str) -> i64 {
    let connection = app.services.db.connection();
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await;
    let row = row.unwrap_or_else(|error| panic!("{sql}: {error}"));
    row.expect("a row").try_get_by_index(0).expect("a number")
}
