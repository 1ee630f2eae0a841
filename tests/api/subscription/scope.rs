//! Which subscribers receive which events.

use deskgraph::auth::Grant;
use serde_json::json;

use super::{WATCH, add, add_to, bodies, ticket};
use crate::support::{TestApp, on_each_database};

async fn a_customer_receives_only_its_own_messages(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let jane = app.customer(workspace, "jane@example.com").await;
    let start = ticket(&app, &admin, None, "start@example.com").await;
    let own = ticket(&app, &admin, None, "jane@example.com").await;
    let other = ticket(&app, &admin, None, "john@example.com").await;
    assert_eq!(own.customer, jane.id);
    let mut socket = app.socket(&jane).await;
    socket
        .begin("all", WATCH, &json!({ "after": start.cursor }))
        .await;
    assert_eq!(bodies(&mut socket, "all", "first").await, ["first"]);
    let everything = json!({ "after": start.cursor, "workspaceId": workspace.to_string() });
    socket.begin("workspace", WATCH, &everything).await;
    assert_eq!(bodies(&mut socket, "workspace", "first").await, ["first"]);
    socket.complete("workspace").await;
    socket.wait_for_pong().await;
    add(&app, &admin, &other, "to another").await;
    add_to(&app, &admin, json!({ "ticketId": own.id }), "OUTBOUND", "answer").await;
    add(&app, &jane, &own, "thanks").await;
    assert_eq!(bodies(&mut socket, "all", "thanks").await, ["answer", "thanks"]);
}

async fn foreign_targets_are_refused_like_missing_ones(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let elsewhere = app.workspace("Elsewhere").await;
    let stranger = app.admin_of(&[elsewhere]).await;
    let jane = app.customer(workspace, "jane@example.com").await;
    let theirs = ticket(&app, &admin, None, "john@example.com").await;
    let nothing = "01890000-0000-7000-8000-000000000000";
    for person in [&jane, &stranger] {
        let mut socket = app.socket(person).await;
        for (argument, id) in [
            ("ticketId", &theirs.id),
            ("conversationId", &theirs.conversation),
            ("customerId", &theirs.customer),
        ] {
            for id in [id.as_str(), nothing] {
                socket.begin("1", WATCH, &json!({ argument: id })).await;
                assert_eq!(socket.refusal("1").await, format!("BAD_USER_INPUT {argument}"));
            }
        }
    }
    let mut socket = app.socket(&stranger).await;
    for id in [workspace.to_string(), nothing.to_owned()] {
        socket.begin("1", WATCH, &json!({ "workspaceId": id })).await;
        assert_eq!(socket.refusal("1").await, "BAD_USER_INPUT workspaceId");
    }
}

async fn a_subscription_needs_the_read_grant(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let writer = app.api_key(&[workspace], &[Grant::Write]).await;
    let mut socket = app.socket(&writer).await;
    socket.begin("1", WATCH, &json!({})).await;
    assert_eq!(socket.refusal("1").await, "FORBIDDEN");
}

async fn a_viewer_with_several_workspaces_selects_one(app: TestApp) {
    let (one, two) = (app.workspace("One").await, app.workspace("Two").await);
    let admin = app.admin_of(&[one, two]).await;
    let (first, second) = (one.to_string(), two.to_string());
    let here = ticket(&app, &admin, Some(&first), "jane@example.com").await;
    let there = ticket(&app, &admin, Some(&second), "jane@example.com").await;
    let mut socket = app.socket(&admin).await;
    for variables in [
        json!({}),
        json!({ "direction": "INBOUND" }),
        json!({ "after": here.cursor }),
    ] {
        socket.begin("1", WATCH, &variables).await;
        assert_eq!(socket.refusal("1").await, "WORKSPACE_REQUIRED workspaceId");
    }
    // The workspace is given, or determined by the target.
    let named = json!({ "workspaceId": first, "after": here.cursor });
    socket.begin("named", WATCH, &named).await;
    add(&app, &admin, &there, "there").await;
    add(&app, &admin, &here, "here").await;
    assert_eq!(bodies(&mut socket, "named", "here").await, ["here"]);
    socket.complete("named").await;
    let target = json!({ "ticketId": there.id, "after": there.cursor });
    socket.begin("target", WATCH, &target).await;
    assert_eq!(bodies(&mut socket, "target", "there").await, ["there"]);
}

on_each_database!(
    a_customer_receives_only_its_own_messages,
    foreign_targets_are_refused_like_missing_ones,
    a_subscription_needs_the_read_grant,
    a_viewer_with_several_workspaces_selects_one,
);
