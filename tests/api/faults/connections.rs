//! Database connections: their number is limited, transactions are complete or absent, and no state remains for the
//! next user.

use std::time::Duration;

use deskgraph::config::Settings;
use futures_util::future::join_all;
use needs::needs;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::{VIEWER, ask, number, run};
use crate::support::{TestApp, on_each_database};

/// Much shorter than the time limit of a statement, and shorter than the time after which PostgreSQL ends an idle
/// transaction. A transaction that cannot begin fails earlier.
const SOON: Duration = Duration::from_secs(30);

fn patient(settings: &mut Settings) {
    settings.statement_timeout_ms = 600_000;
}

/// Creates a table with a unique column.
async fn create_table(app: &TestApp) {
    run(app, "CREATE TABLE kept (id INTEGER PRIMARY KEY)").await;
}

async fn statements_after_a_failed_one_are_rolled_back(app: TestApp) {
    create_table(&app).await;
    for round in 0..3 {
        let writing = app.services.db.begin().await.expect("begun");
        let inside = writing.connection();
        inside
            .execute_unprepared("INSERT INTO kept VALUES (1)")
            .await
            .expect("kept");
        let again = inside.execute_unprepared("INSERT INTO kept VALUES (1)").await;
        again.expect_err("there is one");
        let after = inside.execute_unprepared("INSERT INTO kept VALUES (2)").await;
        after.expect_err("the transaction is over");
        writing.commit().await.expect_err("nothing is made durable");
        assert_eq!(
            number(&app, "SELECT count(*) FROM kept").await,
            0,
            "in round {round}"
        );
    }
}

async fn statements_after_a_cancelled_one_are_rolled_back(app: TestApp) {
    create_table(&app).await;
    let endless = match app.services.db.connection().get_database_backend() {
        DbBackend::Postgres => "SELECT pg_sleep(600)",
        _ => "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    };
    let writing = app.services.db.begin().await.expect("begun");
    let inside = writing.connection();
    inside
        .execute_unprepared("INSERT INTO kept VALUES (1)")
        .await
        .expect("kept");
    let long = tokio::time::timeout(Duration::from_millis(100), inside.execute_unprepared(endless));
    long.await.expect_err("it has no end");
    inside
        .execute_unprepared("INSERT INTO kept VALUES (2)")
        .await
        .expect_err("nothing comes after it");
    writing.commit().await.expect_err("nothing is made durable");
    let next = tokio::time::timeout(SOON, app.services.db.begin()).await;
    let next = next.expect("a turn at once").expect("begun");
    next.connection()
        .execute_unprepared("INSERT INTO kept VALUES (3)")
        .await
        .expect("nobody holds it");
    next.commit().await.expect("committed");
    assert_eq!(number(&app, "SELECT sum(id) FROM kept").await, 3);
}

async fn a_dropped_transaction_holds_no_locks(app: TestApp) {
    create_table(&app).await;
    for _ in 0..20 {
        let left = app.services.db.begin().await.expect("begun");
        let insert = "INSERT INTO kept VALUES (1)";
        left.connection().execute_unprepared(insert).await.expect("held");
        drop(left);
        let next = app.services.db.begin().await.expect("begun");
        let waited = tokio::time::timeout(SOON, next.connection().execute_unprepared(insert)).await;
        waited.expect("nobody holds it").expect("nobody has it");
    }
    let next = app.services.db.begin().await.expect("begun");
    next.commit().await.expect("committed");
    assert_eq!(number(&app, "SELECT count(*) FROM kept").await, 0);
}

async fn migrating_a_current_database_takes_no_locks(app: TestApp) {
    let held = app.services.db.begin().await.expect("the writer's turn");
    if held.connection().get_database_backend() == DbBackend::Postgres {
        // The lock that migrations hold.
        let lock = "SELECT pg_advisory_xact_lock(x'6465736b'::bigint)";
        held.connection().execute_unprepared(lock).await.expect("held");
    }
    let migrated = tokio::time::timeout(SOON, app.services.db.migrate()).await;
    migrated.expect("nobody waits").expect("up to date");
    held.commit().await.expect("committed");
    // A missing migration is applied.
    run(&app, "DROP TABLE sync_place").await;
    run(
        &app,
        "DELETE FROM seaql_migrations WHERE version LIKE '%create_sync_place'",
    )
    .await;
    app.services.db.migrate().await.expect("migrated");
    assert_eq!(number(&app, "SELECT count(*) FROM sync_place").await, 0);
}

on_each_database!(
    with super::patient;
    statements_after_a_failed_one_are_rolled_back,
    statements_after_a_cancelled_one_are_rolled_back,
    a_dropped_transaction_holds_no_locks,
    migrating_a_current_database_takes_no_locks,
);

fn three(settings: &mut Settings) {
    settings.database_connections = 3;
}

#[needs(postgres)]
#[tokio::test]
async fn the_number_of_connections_respects_its_setting() {
    let app = TestApp::postgres_with(three).await;
    let (_, admin) = app.admin().await;
    let db = &app.services.db;
    let held = join_all((0..3).map(|_| db.begin())).await;
    let counted = async {
        let first = held[0].as_ref().expect("begun").connection();
        let count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()";
        let count = Statement::from_string(DbBackend::Postgres, count);
        let mut most = 0;
        // Connections of the test helper may still be closing. One connection receives notifications, and may still be
        // opening.
        let counting = async {
            while most != 4 {
                tokio::time::sleep(Duration::from_millis(5)).await;
                let row = first.query_one_raw(count.clone()).await.expect("counted");
                most = row.expect("a row").try_get_by_index::<i64>(0).expect("a number");
            }
        };
        // The assertion below reports the last count.
        let _ = tokio::time::timeout(Duration::from_secs(30), counting).await;
        drop(held);
        most
    };
    let asked = join_all((0..30).map(|_| ask(&app, &admin, VIEWER)));
    let (most, _) = tokio::join!(counted, asked);
    assert_eq!(most, 4, "three, and one that uses LISTEN");
}
