//! Recovery drill: back up, continue to write, restore, and reconnect with earlier cursors.

use serde_json::json;

use super::{WATCH, back_up, code_and_cursor, epochs, expired, pull, restored, write};
use crate::support::{TestApp, on_each_database};

async fn cursors_of_lost_events_expire_after_a_restore(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let kept = write(&app, &admin, "kept").await;
    let backup = back_up(&app).await;
    let lost = write(&app, &admin, "lost").await;
    assert_eq!((kept.position, lost.position, lost.epoch), (4, 8, 0));

    let (node, _copy) = restored(&app, &backup).await;
    assert_eq!(pull(&node, &admin, lost).await, expired(kept));
    assert_eq!(pull(&node, &admin, kept).await, Ok(0));
    // Up to the end of the lost history and beyond it: the same positions are now different events.
    for count in 1..=3 {
        let new = write(&node, &admin, &format!("new{count}")).await;
        assert_eq!(new.position, kept.position + 4 * i64::from(count));
        assert_ne!(new.epoch, 0);
        assert_eq!(pull(&node, &admin, lost).await, expired(kept));
        let behind = usize::try_from(4 * count).expect("a number");
        assert_eq!(
            pull(&node, &admin, kept).await,
            Ok(behind),
            "from the last shared event"
        );
        assert_eq!(pull(&node, &admin, new).await, Ok(0));
    }
    assert_eq!(epochs(&node, workspace).await.len(), 1);
    assert_eq!(epochs(&app, workspace).await, [], "the original is unchanged");
}

async fn each_transport_reports_expired_cursors_with_the_earliest_one(app: TestApp) {
    let (_, admin) = app.admin().await;
    let kept = write(&app, &admin, "kept").await;
    let backup = back_up(&app).await;
    let lost = write(&app, &admin, "lost").await;
    let (node, _copy) = restored(&app, &backup).await;
    for name in ["a", "b"] {
        write(&node, &admin, name).await;
    }
    let body = |after: Option<String>| json!({ "query": WATCH, "variables": { "after": after } });
    let expected = ("CURSOR_EXPIRED".to_owned(), kept);

    let mut socket = node.socket(&admin).await;
    socket
        .begin("1", WATCH, &json!({ "after": lost.to_string() }))
        .await;
    let message = socket.message().await;
    assert_eq!(message["type"], "error", "{message}");
    assert_eq!(code_and_cursor(&message["payload"][0]), expected);
    let resumed = json!({ "after": kept.to_string() });
    socket.begin("2", WATCH, &resumed).await;
    assert_eq!(socket.data("2").await["changes"]["name"], "customer.created");

    let header = lost.to_string();
    let by_argument = node.stream(&admin, &body(Some(lost.to_string())), &[]).await;
    let by_header = node
        .stream(&admin, &body(None), &[("last-event-id", &header)])
        .await;
    for mut events in [by_argument, by_header] {
        let event = events.next().await.expect("an event");
        assert_eq!(
            event.id,
            kept.to_string(),
            "a client that reconnects automatically continues"
        );
        assert_eq!(code_and_cursor(&event.json()["errors"][0]), expected);
        assert_eq!(events.next().await.expect("the end").name, "complete");
    }
    let header = kept.to_string();
    let mut events = node
        .stream(&admin, &body(None), &[("last-event-id", &header)])
        .await;
    let event = events.next().await.expect("an event").json();
    assert_eq!(event["data"]["changes"]["name"], "customer.created");
}

async fn histories_restored_from_one_backup_refuse_each_others_cursors(app: TestApp) {
    let (_, admin) = app.admin().await;
    let shared = write(&app, &admin, "shared").await;
    let backup = back_up(&app).await;
    let (one, _first) = restored(&app, &backup).await;
    let (two, _second) = restored(&app, &backup).await;
    let of_one = write(&one, &admin, "one").await;
    let of_two = write(&two, &admin, "two").await;
    let of_origin = write(&app, &admin, "origin").await;
    assert_eq!(
        (of_one.position, of_one.position),
        (of_two.position, of_origin.position)
    );
    for (node, own, others) in [
        (&one, of_one, [of_two, of_origin]),
        (&two, of_two, [of_one, of_origin]),
        (&app, of_origin, [of_one, of_two]),
    ] {
        assert_eq!(pull(node, &admin, own).await, Ok(0));
        assert_eq!(pull(node, &admin, shared).await, Ok(4));
        for other in others {
            let (code, resume) = pull(node, &admin, other).await.expect_err("another history");
            assert_eq!(code, "CURSOR_EXPIRED");
            pull(node, &admin, resume).await.expect("a good cursor");
        }
    }
}

async fn each_restore_of_a_backup_begins_another_history(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let shared = write(&app, &admin, "shared").await;
    let backup = back_up(&app).await;
    let (once, copied) = restored(&app, &backup).await;
    // The epoch has started without events. A copy of this database is nevertheless another history.
    let again = super::copy(&copied.url).await;
    let of_once = write(&once, &admin, "once").await;
    let (twice, _copy) = restored(&app, &again).await;
    let of_twice = write(&twice, &admin, "twice").await;
    assert_eq!(of_once.position, of_twice.position);
    assert_ne!(of_once.epoch, of_twice.epoch);
    for (node, own, other) in [(&once, of_once, of_twice), (&twice, of_twice, of_once)] {
        assert_eq!(pull(node, &admin, own).await, Ok(0));
        assert_eq!(pull(node, &admin, shared).await, Ok(4));
        let (code, _) = pull(node, &admin, other).await.expect_err("another history");
        assert_eq!(code, "CURSOR_EXPIRED");
        assert_eq!(
            epochs(node, workspace).await.len(),
            1,
            "the epoch replaces the other one"
        );
    }
}

async fn cursors_of_a_restored_empty_workspace_are_distinguished(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let backup = back_up(&app).await;
    let lost = write(&app, &admin, "lost").await;
    let (node, _copy) = restored(&app, &backup).await;
    let beginning = node.services.hub.newest(workspace).await.expect("a cursor");
    assert_eq!((beginning.position, beginning.epoch), (0, 0));
    let new = write(&node, &admin, "new").await;
    assert_eq!(new.position, lost.position);
    assert_eq!(pull(&node, &admin, lost).await, expired(beginning));
    for (cursor, count) in [(beginning, 4), (new, 0)] {
        assert_eq!(pull(&node, &admin, cursor).await, Ok(count));
    }
}

on_each_database!(
    cursors_of_lost_events_expire_after_a_restore,
    each_transport_reports_expired_cursors_with_the_earliest_one,
    histories_restored_from_one_backup_refuse_each_others_cursors,
    each_restore_of_a_backup_begins_another_history,
    cursors_of_a_restored_empty_workspace_are_distinguished,
);
