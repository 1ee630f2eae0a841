//! Cursors of earlier epochs, forged cursors, and cursors of versions without epochs.

use deskgraph::{events::ChangeCursor, service};
use entity::WorkspaceId;
use serde_json::json;

use super::{WATCH, epochs, expired, pull, write};
use crate::support::{Person, TestApp, on_each_database};

async fn begin(app: &TestApp, workspace: Option<WorkspaceId>) {
    service::epoch::begin(&app.services, workspace)
        .await
        .expect("begun");
}

/// Creates two customers with a new epoch in between. Returns their cursors and that of the start of the epoch.
async fn two_epochs(app: &TestApp) -> (WorkspaceId, Person, [ChangeCursor; 2]) {
    let (workspace, admin) = app.admin().await;
    let first = write(app, &admin, "first").await;
    begin(app, Some(workspace)).await;
    let second = write(app, &admin, "second").await;
    (workspace, admin, [first, second])
}

async fn no_cursor_expires_when_no_event_is_lost(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let start = app.services.hub.newest(workspace).await.expect("a cursor");
    let mut socket = app.socket(&admin).await;
    socket
        .begin("1", WATCH, &json!({ "after": start.to_string() }))
        .await;
    let mut all = Vec::new();
    for round in 0..4 {
        all.push(write(&app, &admin, &format!("c{round}")).await);
        begin(&app, None).await;
    }
    for (count, cursor) in all.iter().rev().enumerate() {
        assert_eq!(pull(&app, &admin, cursor).await, Ok(count * 4));
    }
    // Four events of each round, each once, with the cursors that the writers received.
    let mut heard = Vec::new();
    for _ in 0..16 {
        heard.push(socket.data("1").await["changes"]["changeCursor"].take());
    }
    for cursor in &all {
        assert!(heard.contains(&json!(cursor.to_string())), "{heard:?}");
    }
    let ids: Vec<_> = epochs(&app, workspace).await;
    assert_eq!(ids.len(), 4);
    let written: Vec<i64> = all.iter().map(|cursor| cursor.epoch).collect();
    assert_eq!(
        written[1..],
        ids[..3].iter().map(|(_, id)| *id).collect::<Vec<_>>()
    );
}

async fn all_cursors_of_an_event_are_equal(app: TestApp) {
    let (workspace, admin, [first, second]) = two_epochs(&app).await;
    let query = "{ changes(first: 100) { nodes { changeCursor } changeCursor } \
                  customers { nodes { messages { nodes { changeCursor } } } } }";
    let data = app.ask(&admin, query, json!({})).await.data();
    let nodes = data["changes"]["nodes"].as_array().expect("a list");
    assert_eq!(nodes[3]["changeCursor"], first.to_string());
    assert_eq!(nodes[7]["changeCursor"], second.to_string());
    assert_eq!(data["changes"]["changeCursor"], second.to_string());
    let mut messages: Vec<String> = Vec::new();
    for customer in data["customers"]["nodes"].as_array().expect("a list") {
        messages.push(
            customer["messages"]["nodes"][0]["changeCursor"]
                .as_str()
                .expect("a cursor")
                .to_owned(),
        );
    }
    messages.sort();
    let mut expected = [first.to_string(), second.to_string()];
    expected.sort();
    assert_eq!(messages, expected);
    assert_eq!(
        app.services.hub.newest(workspace).await.expect("a cursor"),
        second
    );
    // An epoch without events does not change the end of the log.
    begin(&app, Some(workspace)).await;
    assert_eq!(
        app.services.hub.newest(workspace).await.expect("a cursor"),
        second
    );
}

async fn cursors_without_an_epoch_belong_to_the_first_epoch(app: TestApp) {
    let (_, admin, [first, second]) = two_epochs(&app).await;
    // The format of versions without epochs has no field for them.
    assert_eq!(first.to_string().len(), 34);
    assert_eq!(pull(&app, &admin, first).await, Ok(4));
    let old = ChangeCursor { epoch: 0, ..second };
    assert_eq!(old.to_string().len(), 34);
    assert_eq!(pull(&app, &admin, old).await, expired(first));
}

async fn forged_cursors_store_nothing_and_affect_no_others(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let start = app.services.hub.newest(workspace).await.expect("a cursor");
    let mut socket = app.socket(&admin).await;
    socket
        .begin("1", WATCH, &json!({ "after": start.to_string() }))
        .await;
    let mut good = Vec::new();
    for round in 0..12 {
        let newest = write(&app, &admin, &format!("c{round}")).await;
        good.push(newest);
        for forged in [
            ChangeCursor {
                position: i64::MAX,
                ..newest
            },
            ChangeCursor {
                position: newest.position + 1,
                ..newest
            },
            ChangeCursor { epoch: 77, ..newest },
            ChangeCursor {
                epoch: i64::MAX,
                position: i64::MAX,
                ..newest
            },
        ] {
            let (code, resume) = pull(&app, &admin, forged).await.expect_err("made up");
            assert_eq!(code, "CURSOR_EXPIRED");
            pull(&app, &admin, resume).await.expect("a good cursor");
        }
    }
    let begun = epochs(&app, workspace).await;
    assert!((1..=6).contains(&begun.len()), "{begun:?}");
    for (count, cursor) in good.iter().rev().enumerate() {
        assert_eq!(pull(&app, &admin, cursor).await, Ok(count * 4));
    }
    for _ in 0..good.len() * 4 {
        socket.data("1").await;
    }
    // After an hour, a correct cursor is accepted again.
    app.clock_control.advance_ms(60 * 60 * 1_000);
    let admin = Person {
        credential: app.token(&admin.id, deskgraph::auth::jwt::TokenRole::Admin, &[workspace]),
        ..admin
    };
    let newest = write(&app, &admin, "later").await;
    let lost = ChangeCursor {
        position: newest.position + 4,
        ..newest
    };
    assert_eq!(pull(&app, &admin, lost).await, expired(newest));
    assert_eq!(epochs(&app, workspace).await.len(), begun.len() + 1);
}

async fn cursors_with_the_epoch_of_another_workspace_expire(app: TestApp) {
    let (_, admin, [_, second]) = two_epochs(&app).await;
    let elsewhere = app.workspace("Elsewhere").await;
    let other = app.admin_of(&[elsewhere]).await;
    let own = write(&app, &other, "other").await;
    assert_eq!(own.epoch, 0);
    let mixed = ChangeCursor {
        epoch: second.epoch,
        ..own
    };
    let (code, _) = pull(&app, &other, mixed).await.expect_err("of no history");
    assert_eq!(code, "CURSOR_EXPIRED");
    assert_eq!(pull(&app, &other, own).await, Ok(0));
    assert_eq!(pull(&app, &admin, second).await, Ok(0));
    assert_eq!(epochs(&app, elsewhere).await, []);
}

async fn epochs_add_no_statements_to_cursor_checks(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let first = write(&app, &admin, "first").await;
    let count = async |cursor: ChangeCursor| {
        app.statements.take();
        pull(&app, &admin, cursor).await.expect("a good cursor");
        app.statements.take().len()
    };
    count(first).await;
    let before = count(first).await;
    begin(&app, Some(workspace)).await;
    assert_eq!(count(first).await, before + 1, "once for a new epoch");
    assert_eq!(count(first).await, before);
}

on_each_database!(
    no_cursor_expires_when_no_event_is_lost,
    all_cursors_of_an_event_are_equal,
    cursors_without_an_epoch_belong_to_the_first_epoch,
    forged_cursors_store_nothing_and_affect_no_others,
    cursors_with_the_epoch_of_another_workspace_expire,
    epochs_add_no_statements_to_cursor_checks,
);
