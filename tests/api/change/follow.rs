//! The change log by subscription returns the same items as by query.

use serde_json::{Value, json};

use super::{FIELDS, HISTORY, history, names, pull, pull_all};
use crate::support::{Person, TestApp, on_each_database};

const PER_NOUN: [(&str, &str, &str); 3] = [
    ("ticketChanged", "ticket", "TICKET"),
    ("conversationChanged", "conversation", "CONVERSATION"),
    ("customerChanged", "customer", "CUSTOMER"),
];

/// Returns the cursor at the start of a log.
fn beginning(cursor: &Value) -> String {
    let mut cursor: deskgraph::events::ChangeCursor = cursor.as_str().unwrap().parse().unwrap();
    cursor.position = 0;
    cursor.to_string()
}

async fn subscription_and_query_return_the_same_events(app: TestApp) {
    let admin = history(&app).await;
    let log = pull_all(&app, &admin, 100, Value::Null).await;
    let after = beginning(&log[0]["changeCursor"]);
    let mut socket = app.socket(&admin).await;
    let query = format!("subscription ($after: ChangeCursor) {{ changes(after: $after) {{ {FIELDS} }} }}");
    socket.begin("1", &query, &json!({ "after": after })).await;
    let mut received = Vec::new();
    while received.len() < HISTORY.len() {
        received.push(socket.data("1").await["changes"].take());
    }
    assert_eq!(received, log);
    // Live events.
    app.ticket(&admin, "cid@example.com").await;
    for expected in [
        "customer.created",
        "conversation.created",
        "ticket.created",
        "message.created",
    ] {
        assert_eq!(socket.data("1").await["changes"]["name"], expected);
    }
}

async fn subscription_and_query_filter_the_same_events(app: TestApp) {
    let admin = history(&app).await;
    let changed =
        json!({ "names": ["customer.*", "ticket.*"], "changedFields": ["CUSTOMER.name", "TICKET.priority"] });
    receives_the_log(&app, &admin, changed, &["customer.updated", "ticket.updated"]).await;
    let filter = json!({ "kinds": ["UPDATED", "DELETED"], "objectTypes": ["TICKET", "MESSAGE"] });
    let expected = ["ticket.updated", "message.deleted", "ticket.deleted"];
    receives_the_log(&app, &admin, filter, &expected).await;
}

/// Checks that the query and the subscription return the events with these names.
async fn receives_the_log(app: &TestApp, admin: &Person, filter: Value, expected: &[&str]) {
    let log = pull_all(app, admin, 100, filter.clone()).await;
    assert_eq!(names(&log), expected);
    let mut socket = app.socket(admin).await;
    let query = format!(
        "subscription ($after: ChangeCursor, $filter: ChangeFilter) \
         {{ changes(after: $after, filter: $filter) {{ {FIELDS} }} }}"
    );
    let variables = json!({ "after": beginning(&log[0]["changeCursor"]), "filter": filter });
    socket.begin("1", &query, &variables).await;
    for expected in log {
        assert_eq!(socket.data("1").await["changes"], expected);
    }
}

async fn each_object_type_has_a_change_subscription(app: TestApp) {
    let admin = history(&app).await;
    for (field, noun, object_type) in PER_NOUN {
        let log = pull_all(&app, &admin, 100, json!({ "objectTypes": [object_type] })).await;
        let mut socket = app.socket(&admin).await;
        let query = format!(
            "subscription ($after: ChangeCursor) {{ {field}(after: $after) {{ changeCursor name kind at {noun}Id \
             {noun} {{ id }} changedFields {{ field before after }} actor {{ __typename }} }} }}"
        );
        let after = beginning(&log[0]["changeCursor"]);
        socket.begin("1", &query, &json!({ "after": after })).await;
        for expected in log {
            let event = socket.data("1").await[field].take();
            for same in ["changeCursor", "name", "kind", "at", "changedFields"] {
                assert_eq!(event[same], expected[same], "{field} {same}");
            }
            assert_eq!(event[format!("{noun}Id")], expected["objectId"]);
            assert_eq!(event[noun]["id"], expected["node"]["id"]);
        }
    }
}

async fn a_target_limits_the_received_events(app: TestApp) {
    let (_, admin) = app.admin().await;
    let (ann, bob) = (
        app.ticket(&admin, "ann@example.com").await,
        app.ticket(&admin, "bob@example.com").await,
    );
    for (field, argument, target, noun) in [
        ("ticketChanged", "ticketId", &ann["id"], "ticket"),
        ("ticketChanged", "customerId", &ann["customer"]["id"], "ticket"),
        (
            "conversationChanged",
            "conversationId",
            &ann["conversation"]["id"],
            "conversation",
        ),
        (
            "customerChanged",
            "customerId",
            &ann["customer"]["id"],
            "customer",
        ),
    ] {
        let mut socket = app.socket(&admin).await;
        let query = format!(
            "subscription ($id: ID, $after: ChangeCursor) {{ \
             {field}({argument}: $id, after: $after) {{ {noun} {{ id }} }} }}"
        );
        let page = pull(&app, &admin, "first: 100", json!({})).await;
        let variables = json!({ "id": target, "after": page["changeCursor"] });
        socket.begin("1", &query, &variables).await;
        for ticket in [&bob, &ann] {
            let (id, customer) = (&ticket["id"], &ticket["customer"]["id"]);
            let stamp = format!("{field} {argument}");
            app.wrote(
                &admin,
                "ticketUpdate",
                json!({ "id": id, "input": { "resolutionType": stamp } }),
            )
            .await;
            app.wrote(
                &admin,
                "customerUpdate",
                json!({ "id": customer, "input": { "company": stamp } }),
            )
            .await;
            let thread = &ticket["conversation"]["id"];
            app.wrote(
                &admin,
                "conversationUpdate",
                json!({ "id": thread, "input": { "name": stamp } }),
            )
            .await;
        }
        let expected = match noun {
            "ticket" => &ann["id"],
            "conversation" => &ann["conversation"]["id"],
            _ => &ann["customer"]["id"],
        };
        assert_eq!(
            &socket.data("1").await[field][noun]["id"],
            expected,
            "{field} {argument}"
        );
    }
}

async fn multiple_and_unknown_targets_are_refused(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    let mut socket = app.socket(&admin).await;
    let query = "subscription ($t: ID, $c: ID) { ticketChanged(ticketId: $t, customerId: $c) { name } }";
    let both = json!({ "t": ticket["id"], "c": ticket["customer"]["id"] });
    socket.begin("1", query, &both).await;
    assert_eq!(socket.refusal("1").await, "BAD_USER_INPUT customerId");
    let unknown = entity::TicketId(uuid::Uuid::max()).to_string();
    socket.begin("2", query, &json!({ "t": unknown })).await;
    assert_eq!(socket.refusal("2").await, "BAD_USER_INPUT ticketId");
}

async fn a_resumed_subscription_reports_a_deleted_target(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    let after = pull(&app, &admin, "first: 100", json!({})).await["changeCursor"].clone();
    app.wrote(
        &admin,
        "customerDelete",
        json!({ "id": ticket["customer"]["id"] }),
    )
    .await;
    for (field, argument, id, name) in [
        ("ticketChanged", "ticketId", &ticket["id"], "ticket.deleted"),
        (
            "ticketChanged",
            "customerId",
            &ticket["customer"]["id"],
            "ticket.deleted",
        ),
        (
            "conversationChanged",
            "conversationId",
            &ticket["conversation"]["id"],
            "conversation.deleted",
        ),
        (
            "customerChanged",
            "customerId",
            &ticket["customer"]["id"],
            "customer.deleted",
        ),
    ] {
        let mut socket = app.socket(&admin).await;
        let query = format!(
            "subscription ($id: ID, $after: ChangeCursor) {{ {field}({argument}: $id, after: $after) {{ name }} }}"
        );
        socket
            .begin("1", &query, &json!({ "id": id, "after": after }))
            .await;
        assert_eq!(socket.data("1").await[field]["name"], name);
        // Without a cursor there is no position to start from, and viewers of another workspace receive nothing.
        socket.begin("2", &query, &json!({ "id": id })).await;
        assert_eq!(socket.refusal("2").await, format!("BAD_USER_INPUT {argument}"));
        let stranger = app.admin_of(&[app.workspace("Other").await]).await;
        let mut socket = app.socket(&stranger).await;
        socket
            .begin("1", &query, &json!({ "id": id, "after": after }))
            .await;
        assert_eq!(socket.refusal("1").await, format!("BAD_USER_INPUT {argument}"));
    }
}

on_each_database!(
    a_resumed_subscription_reports_a_deleted_target,
    subscription_and_query_return_the_same_events,
    subscription_and_query_filter_the_same_events,
    each_object_type_has_a_change_subscription,
    a_target_limits_the_received_events,
    multiple_and_unknown_targets_are_refused,
);
