//! Several nodes, a promoted server, and the command.

use std::process::Command;

use futures_util::future::join_all;
use needs::needs;
use serde_json::json;

use super::{WATCH, epochs, expired, pull, run, write};
use crate::support::{TestApp, on_each_database, unchanged};

/// Makes the database appear to have been stored on another server or in another file.
async fn hold_elsewhere(app: &TestApp) {
    run(
        app,
        "UPDATE identity SET parts = CASE WHEN parts LIKE 'server/%' THEN 'server/1/00000001/2/3' ELSE 'file/1/1' END",
    )
    .await;
}

async fn nodes_that_start_after_a_restore_begin_one_epoch(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let last = write(&app, &admin, "last").await;
    hold_elsewhere(&app).await;
    let nodes = join_all((0..4).map(|_| app.another())).await;
    let begun = epochs(&app, workspace).await;
    assert_eq!(begun.len(), 1);
    assert_eq!(begun[0].0, last.position);
    for node in nodes.iter().chain([&app]) {
        assert_eq!(pull(node, &admin, last).await, Ok(0));
    }
    // All nodes use this epoch for their writes, including the one that keeps running.
    for (number, node) in nodes.iter().chain([&app]).enumerate() {
        let new = write(node, &admin, &format!("n{number}")).await;
        assert_eq!(new.epoch, begun[0].1);
    }
    app.another().await;
    assert_eq!(epochs(&app, workspace).await, begun, "once");
}

async fn concurrent_requests_with_a_lost_cursor_begin_one_epoch(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let last = write(&app, &admin, "last").await;
    let nodes = join_all((0..3).map(|_| app.another())).await;
    let lost = deskgraph::events::ChangeCursor {
        position: last.position + 4,
        ..last
    };
    let asked = nodes.iter().chain([&app]).map(|node| pull(node, &admin, lost));
    for answer in join_all(asked).await {
        assert_eq!(answer, expired(last));
    }
    let begun = epochs(&app, workspace).await;
    assert_eq!(
        begun.iter().map(|(position, _)| *position).collect::<Vec<_>>(),
        [last.position]
    );
}

async fn a_planned_failover_keeps_cursors_and_subscriptions(app: TestApp) {
    let (_, admin) = app.admin().await;
    let before = write(&app, &admin, "before").await;
    let mut socket = app.socket(&admin).await;
    socket
        .begin("1", WATCH, &json!({ "after": before.to_string() }))
        .await;
    hold_elsewhere(&app).await;
    let other = app.another().await;
    let between = write(&other, &admin, "between").await;
    for _ in 0..4 {
        socket.data("1").await;
    }
    let after = write(&app, &admin, "after").await;
    for _ in 0..4 {
        socket.data("1").await;
    }
    for node in [&app, &other] {
        for (cursor, count) in [(before, 8), (between, 4), (after, 0)] {
            assert_eq!(pull(node, &admin, cursor).await, Ok(count));
        }
    }
}

async fn the_command_begins_an_epoch_while_nodes_serve(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let elsewhere = app.workspace("Elsewhere").await;
    let last = write(&app, &admin, "last").await;
    let deskgraph = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_deskgraph"))
            .args(arguments)
            .env("DESKGRAPH_LOG", "warn")
            .env("DESKGRAPH_DATABASE_URL", app.settings.database_url.reveal())
            .current_dir(std::env::temp_dir())
            .output()
            .expect("a process");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    assert_eq!(deskgraph(&["epoch", "list"]), "");
    let said = deskgraph(&["epoch", "begin", "--workspace", "Test"]);
    let begun = epochs(&app, workspace).await;
    assert_eq!(said, format!("{workspace}\t4\t{}\n", begun[0].1));
    assert_eq!(epochs(&app, elsewhere).await, []);
    assert_eq!(pull(&app, &admin, last).await, Ok(0));
    let next = write(&app, &admin, "next").await;
    assert_eq!(next.epoch, begun[0].1);
    let said = deskgraph(&["epoch", "begin"]);
    assert_eq!(said.lines().count(), 2, "{said}");
    let listed = deskgraph(&["epoch", "list"]);
    assert_eq!(listed.lines().count(), 3, "{listed}");
    assert!(
        listed.starts_with(&format!("{workspace}\t4\t{}\t", begun[0].1)),
        "{listed}"
    );
    assert_eq!(pull(&app, &admin, next).await, Ok(0));
}

#[needs(postgres)]
#[tokio::test]
async fn a_server_without_permission_for_its_identity_is_accepted() {
    let app = TestApp::postgres_with(unchanged).await;
    let (workspace, admin) = app.admin().await;
    write(&app, &admin, "one").await;
    run(
        &app,
        "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'deskgraph_test_plain') THEN \
         CREATE ROLE deskgraph_test_plain LOGIN; END IF; END $$; \
         REVOKE EXECUTE ON FUNCTION pg_control_system(), pg_walfile_name(pg_lsn) FROM PUBLIC; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO deskgraph_test_plain",
    )
    .await;
    let url = app
        .settings
        .database_url
        .reveal()
        .replace("//postgres@", "//deskgraph_test_plain@");
    let plain = app
        .another_with(|settings| settings.database_url = deskgraph::config::Secret::new(url))
        .await;
    write(&plain, &admin, "two").await;
    assert_eq!(epochs(&app, workspace).await, []);
    // A node that cannot determine the identity keeps the one that others have stored.
    app.another().await;
    assert_eq!(epochs(&app, workspace).await, []);
    hold_elsewhere(&app).await;
    let url = plain.settings.database_url.clone();
    app.another_with(|settings| settings.database_url = url).await;
    assert_eq!(
        epochs(&app, workspace).await.len(),
        1,
        "the node detects another database"
    );
}

on_each_database!(
    nodes_that_start_after_a_restore_begin_one_epoch,
    concurrent_requests_with_a_lost_cursor_begin_one_epoch,
    a_planned_failover_keeps_cursors_and_subscriptions,
    the_command_begins_an_epoch_while_nodes_serve,
);
