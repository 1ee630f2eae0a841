//! Invalid arguments of subscriptions.

use deskgraph::events::ChangeCursor;
use serde_json::json;

use super::{WATCH, add, bodies, ticket};
use crate::support::{TestApp, on_each_database};

async fn invalid_and_foreign_cursors_are_refused(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let elsewhere = app.workspace("Elsewhere").await;
    let stranger = app.admin_of(&[elsewhere]).await;
    let own = ticket(&app, &admin, None, "jane@example.com").await;
    let foreign = ticket(&app, &stranger, None, "jane@example.com").await;
    let newest: ChangeCursor = own.cursor.parse().expect("a cursor");
    assert_eq!(newest.workspace, workspace);
    let future = ChangeCursor {
        position: newest.position + 1,
        ..newest
    };
    let mut socket = app.socket(&admin).await;
    for (after, code) in [
        (&foreign.cursor, "BAD_USER_INPUT after"),
        (&future.to_string(), "CURSOR_EXPIRED after"),
    ] {
        socket.begin("1", WATCH, &json!({ "after": after })).await;
        assert_eq!(socket.refusal("1").await, code);
    }
    for garbage in [
        json!(""),
        json!("garbage"),
        json!(1),
        json!([own.cursor, own.cursor]),
        json!("0"),
    ] {
        socket.begin("1", WATCH, &json!({ "after": garbage })).await;
        assert_eq!(socket.refusal("1").await, "BAD_USER_INPUT", "{garbage}");
    }
    // The newest position is valid, and the socket stays open.
    socket.begin("1", WATCH, &json!({ "after": own.cursor })).await;
    add(&app, &admin, &own, "next").await;
    assert_eq!(bodies(&mut socket, "1", "next").await, ["next"]);
}

async fn multiple_targets_are_refused(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ticket = ticket(&app, &admin, None, "jane@example.com").await;
    let mut socket = app.socket(&admin).await;
    for (variables, second) in [
        (
            json!({ "ticketId": ticket.id, "conversationId": ticket.conversation }),
            "conversationId",
        ),
        (
            json!({ "ticketId": ticket.id, "customerId": ticket.customer }),
            "customerId",
        ),
        (
            json!({ "customerId": ticket.customer, "workspaceId": workspace.to_string() }),
            "workspaceId",
        ),
    ] {
        socket.begin("1", WATCH, &variables).await;
        assert_eq!(socket.refusal("1").await, format!("BAD_USER_INPUT {second}"));
    }
}

async fn malformed_ids_are_refused(app: TestApp) {
    let (_, admin) = app.admin().await;
    let mut socket = app.socket(&admin).await;
    for argument in ["ticketId", "conversationId", "customerId", "workspaceId"] {
        for garbage in ["", "garbage", "'; DROP TABLE tickets; --"] {
            socket.begin("1", WATCH, &json!({ argument: garbage })).await;
            assert_eq!(socket.refusal("1").await, format!("BAD_USER_INPUT {argument}"));
        }
    }
}

on_each_database!(
    invalid_and_foreign_cursors_are_refused,
    multiple_targets_are_refused,
    malformed_ids_are_refused,
);
