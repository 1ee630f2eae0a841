//! Times of rows never decrease, even if clocks of machines or other systems go back.

use deskgraph::auth::Grant;
use entity::WorkspaceId;
use serde_json::{Value, json};

use crate::support::{Person, TestApp, fill, on_each_database, text};

const TICKET: &str = "query($id: ID!) { ticket(id: $id) { createdAt updatedAt resolvedAt lastMessageAt \
    conversation { updatedAt lastMessageAt } customer { updatedAt avgResolutionTime } \
    messages { nodes { body createdAt } } } }";
const HOUR: i64 = 3_600_000;

/// Returns a key, which has no time of issue or expiry.
async fn program(app: &TestApp, workspace: WorkspaceId) -> Person {
    let grants = [Grant::Read, Grant::Write, Grant::CustomerNotes];
    app.api_key(&[workspace], &grants).await
}

async fn read_ticket(app: &TestApp, admin: &Person, id: &Value) -> Value {
    app.ask(admin, TICKET, json!({ "id": id })).await.at("/ticket")
}

async fn add(app: &TestApp, admin: &Person, ticket: &Value, body: &str, extra: Value) -> Value {
    let mut input =
        json!({ "target": { "ticketId": ticket }, "body": body, "senderEmail": "ann@example.com" });
    for (field, value) in extra.as_object().expect("fields") {
        input[field] = value.clone();
    }
    let added = app.wrote(admin, "messageAdd", json!({ "input": input })).await;
    added["message"].clone()
}

/// Changes all fields of a ticket and checks that no time is earlier than before.
async fn assert_times_increase(app: &TestApp, admin: &Person, ticket: &Value) {
    let mut before = read_ticket(app, admin, ticket).await;
    let in_order = async |before: &mut Value| {
        let after = read_ticket(app, admin, ticket).await;
        for place in [
            "/updatedAt",
            "/lastMessageAt",
            "/conversation/updatedAt",
            "/conversation/lastMessageAt",
            "/customer/updatedAt",
        ] {
            let [one, other] = [&*before, &after].map(|row| row.pointer(place).expect("a field").as_str());
            assert!(one <= other, "{place} decreased from {one:?} to {other:?}");
        }
        if let Some(resolved) = after["resolvedAt"].as_str() {
            assert!(text(&after["createdAt"]) <= resolved, "{after}");
        }
        assert!(
            after["customer"]["avgResolutionTime"].as_i64() >= Some(0) || after["resolvedAt"].is_null(),
            "{after}"
        );
        *before = after;
    };
    for status in ["SOLVED", "OPEN", "CLOSED", "PENDING", "SOLVED"] {
        let change = json!({ "id": ticket, "input": { "status": status } });
        app.wrote(admin, "ticketUpdate", change).await;
        in_order(&mut before).await;
    }
    let thread = "query($id: ID!) { ticket(id: $id) { conversation { id } customer { id } } }";
    let ids = app
        .ask(admin, thread, json!({ "id": ticket }))
        .await
        .at("/ticket");
    let change = json!({ "id": ids["conversation"]["id"], "input": { "name": "Other" } });
    app.wrote(admin, "conversationUpdate", change).await;
    in_order(&mut before).await;
    let change = json!({ "id": ids["customer"]["id"], "input": { "company": "Acme" } });
    app.wrote(admin, "customerUpdate", change).await;
    in_order(&mut before).await;
    for (body, extra) in [
        ("answer", json!({ "direction": "OUTBOUND" })),
        ("note", json!({ "isInternal": true })),
        ("thanks", json!({})),
    ] {
        add(app, admin, ticket, body, extra).await;
        in_order(&mut before).await;
    }
    let bodies: Vec<_> = before["messages"]["nodes"]
        .as_array()
        .expect("messages")
        .iter()
        .map(|message| text(&message["body"]).to_owned())
        .collect();
    let count = bodies.len();
    assert_eq!(bodies[count - 3..], ["answer", "note", "thanks"], "{before}");
}

async fn times_never_decrease_when_the_clock_is_set_back(app: TestApp) {
    let admin = program(&app, app.workspace("Test").await).await;
    let ticket = app.ticket(&admin, "ann@example.com").await["id"].clone();
    app.clock_control.advance_ms(-30 * HOUR);
    assert_times_increase(&app, &admin, &ticket).await;
    app.clock_control.advance_ms(40 * HOUR);
    assert_times_increase(&app, &admin, &ticket).await;
    let later = read_ticket(&app, &admin, &ticket).await;
    assert_eq!(
        later["updatedAt"], "2026-01-01T22:00:00.000Z",
        "the clock is used again"
    );
}

async fn changes_of_imported_future_rows_get_later_times(app: TestApp) {
    let workspace = app.workspace("Test").await;
    let admin = program(&app, workspace).await;
    let mut rows = fill::Rows::default();
    for (name, at) in [
        ("ahead", "2026-01-03T09:00:00Z"),
        ("wrong", "3609-06-30T09:33:50Z"),
    ] {
        let at = entity::Timestamp::parse(at);
        rows.customers.push(fill::customer(name));
        let mut ticket = fill::ticket(name, name);
        (ticket.created_at, ticket.updated_at) = (at, at);
        rows.tickets.push(ticket);
        let mut message = fill::message(name, name, "ann@example.com");
        message.created_at = at;
        rows.messages.push(message);
    }
    app.fill(workspace, &rows).await;
    let query = "{ tickets { nodes { id } } }";
    let ids = app.ask(&admin, query, json!({})).await.at("/tickets/nodes");
    for ticket in ids.as_array().expect("tickets") {
        assert_times_increase(&app, &admin, &ticket["id"]).await;
    }
}

async fn a_ticket_in_a_conversation_follows_its_messages(app: TestApp) {
    let admin = program(&app, app.workspace("Test").await).await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    app.clock_control.advance_ms(-HOUR);
    let input = json!({
        "subject": "Again", "customerEmail": "ann@example.com", "body": "Also this.",
        "conversationId": ticket["conversation"]["id"],
    });
    app.wrote(&admin, "ticketCreate", json!({ "input": input })).await;
    let query = "query($id: ID!) { conversation(id: $id) { messages { nodes { body } } } }";
    let seen = app
        .ask(&admin, query, json!({ "id": ticket["conversation"]["id"] }))
        .await
        .at("/conversation/messages/nodes/1/body");
    assert_eq!(seen, "Also this.");
}

on_each_database!(
    times_never_decrease_when_the_clock_is_set_back,
    changes_of_imported_future_rows_get_later_times,
    a_ticket_in_a_conversation_follows_its_messages,
);
