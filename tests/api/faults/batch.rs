//! SQLite transactions that are committed together: either all become durable, or only those that reported success.

use std::future::Future;

use deskgraph::store::{Db, StoreError, connect::WriteTransaction};
use futures_util::{future::join, poll};
use sea_orm::ConnectionTrait;
use tokio::task::yield_now;

use super::{number, run};
use crate::support::TestApp;

const COUNT: &str = "SELECT count(*) FROM kept";

async fn insert(writing: &WriteTransaction, value: u8) {
    let insert = format!("INSERT INTO kept VALUES ({value})");
    let inserted = writing.connection().execute_unprepared(&insert).await;
    inserted.expect("kept");
}

/// Starts two transactions: the first has ended while the second waited, and the second is running.
async fn begin_two(
    app: &TestApp,
    db: &Db,
) -> (impl Future<Output = Result<(), StoreError>>, WriteTransaction) {
    run(app, "CREATE TABLE kept (id INTEGER PRIMARY KEY)").await;
    let first = db.begin().await.expect("begun");
    insert(&first, 1).await;
    let mut begin = Box::pin(db.begin());
    assert!(poll!(&mut begin).is_pending(), "the first transaction is running");
    let mut committed = Box::pin(first.commit());
    let second = loop {
        assert!(poll!(&mut committed).is_pending(), "it is not durable yet");
        if let std::task::Poll::Ready(second) = poll!(&mut begin) {
            break second.expect("begun");
        }
        yield_now().await;
    };
    drop(begin);
    insert(&second, 2).await;
    assert!(
        poll!(&mut committed).is_pending(),
        "the commit waits for the second transaction"
    );
    assert_eq!(
        number(app, COUNT).await,
        0,
        "rows that are not durable are not visible"
    );
    (committed, second)
}

#[tokio::test]
async fn waiting_commits_become_durable_together() {
    let app = TestApp::sqlite_without_workers().await;
    let db = &app.services.db;
    let (first, second) = begin_two(&app, db).await;
    let (first, second) = join(first, second.commit()).await;
    first.expect("durable");
    second.expect("durable");
    assert_eq!(number(&app, COUNT).await, 2);
}

#[tokio::test]
async fn a_cancelled_commit_does_not_affect_earlier_ones() {
    let app = TestApp::sqlite_without_workers().await;
    let db = &app.services.db;
    let (first, second) = begin_two(&app, db).await;
    let seen = db.seen();
    drop(second);
    assert!(db.is_settled(seen).await, "the rows that it read are durable");
    assert_eq!(number(&app, "SELECT sum(id) FROM kept").await, 1);
    first.await.expect("durable");
}

#[tokio::test]
async fn commits_that_fail_with_their_batch_can_be_retried() {
    let app = TestApp::sqlite_without_workers().await;
    let db = &app.services.db;
    let (first, second) = begin_two(&app, db).await;
    let seen = db.seen();
    // Simulates a full disk.
    let inside = second.connection();
    inside.execute_unprepared("ROLLBACK").await.expect("rolled back");
    drop(second);
    assert!(matches!(first.await, Err(StoreError::Busy)));
    assert!(!db.is_settled(seen).await, "visible rows are lost");
    assert_eq!(number(&app, COUNT).await, 0);
    let again = db.begin().await.expect("begun");
    insert(&again, 1).await;
    again.commit().await.expect("durable");
    assert_eq!(number(&app, COUNT).await, 1);
}

#[tokio::test]
async fn earlier_commits_become_durable_before_a_long_transaction() {
    let app = TestApp::sqlite_without_workers().await;
    let db = &app.services.db;
    run(&app, "CREATE TABLE kept (id INTEGER PRIMARY KEY)").await;
    let first = db.begin().await.expect("begun");
    insert(&first, 1).await;
    let (committed, long) = join(first.commit(), db.begin_alone()).await;
    committed.expect("durable");
    let long = long.expect("begun");
    insert(&long, 2).await;
    assert_eq!(number(&app, COUNT).await, 1, "the first row exists");
    drop(long);
}

/// A caller that no longer waits for its commit does not block others.
#[tokio::test]
async fn a_commit_without_a_waiter_is_durable() {
    let app = TestApp::sqlite_without_workers().await;
    let db = &app.services.db;
    let (first, second) = begin_two(&app, db).await;
    drop(first);
    second.commit().await.expect("durable");
    assert_eq!(number(&app, COUNT).await, 2);
}
