//! Adding messages.

use serde_json::{Value, json};

use crate::support::{Payload, Person, TestApp, on_each_database, text};

async fn add(app: &TestApp, person: &Person, ticket: &Value, extra: &Value) -> Payload {
    app.write(person, "messageAdd", json!({ "input": input(ticket, extra) }))
        .await
}

pub(super) fn input(ticket: &Value, extra: &Value) -> Value {
    let mut input = json!({
        "target": { "ticketId": ticket["id"] }, "body": "Any update on this?", "senderEmail": "ann@example.com",
    });
    for (field, value) in extra.as_object().expect("fields") {
        input[field] = value.clone();
    }
    input
}

async fn messages_are_inbound_by_default(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    app.clock_control.advance_ms(1_000);
    let added = add(&app, &admin, &ticket, &json!({ "senderName": "Ann" })).await;
    let message = &added["message"];
    for (field, value) in [
        ("direction", json!("INBOUND")),
        ("body", json!("Any update on this?")),
        ("bodyHtml", Value::Null),
        ("senderEmail", json!("ann@example.com")),
        ("senderName", json!("Ann")),
        ("createdAt", json!("2026-01-01T12:00:01.000Z")),
        ("ticketId", ticket["id"].clone()),
        ("conversation", json!({ "id": ticket["conversation"]["id"] })),
        ("customer", json!({ "id": ticket["customer"]["id"] })),
    ] {
        assert_eq!(message[field], value, "{field}");
    }
    assert_eq!(
        (added.position(), &message["changeCursor"]),
        (Some(5), &added["changeCursor"])
    );
    let null = add(
        &app,
        &admin,
        &ticket,
        &json!({ "direction": null, "bodyHtml": null }),
    )
    .await;
    assert_eq!(null["message"]["direction"], "INBOUND");
    // The conversation counts the message. Its version and `updatedAt` refer to fields only.
    let query = "query($id: ID!) { ticket(id: $id) { messageCount lastMessageAt updatedAt version \
                 conversation { messageCount lastMessageAt } } }";
    let after = app
        .ask(&admin, query, json!({ "id": ticket["id"] }))
        .await
        .at("/ticket");
    let last = "2026-01-01T12:00:01.000Z";
    assert_eq!(
        after,
        json!({
            "messageCount": 3, "lastMessageAt": last, "updatedAt": "2026-01-01T12:00:00.000Z", "version": 1,
            "conversation": { "messageCount": 3, "lastMessageAt": last },
        })
    );
}

async fn only_inbound_messages_reopen_pending_and_solved_tickets(app: TestApp) {
    let (_, admin) = app.admin().await;
    let conversation =
        |ticket: &Value| json!({ "target": { "conversationId": ticket["conversation"]["id"] } });
    for (status, extra, expected) in [
        ("OPEN", json!({}), "OPEN"),
        ("PENDING", json!({}), "OPEN"),
        ("SOLVED", json!({}), "OPEN"),
        ("PENDING", json!({ "direction": "OUTBOUND" }), "PENDING"),
        ("SOLVED", json!({ "direction": "OUTBOUND" }), "SOLVED"),
        ("CLOSED", json!({ "direction": "OUTBOUND" }), "CLOSED"),
        ("OPEN", Value::Null, "OPEN"),
        ("SOLVED", Value::Null, "OPEN"),
        ("CLOSED", Value::Null, "CLOSED"),
    ] {
        let mut ticket = app.ticket(&admin, "ann@example.com").await;
        app.clock_control.advance_ms(1_000);
        let change = json!({ "id": ticket["id"], "input": { "status": status } });
        let changed = app.wrote(&admin, "ticketUpdate", change).await;
        ticket = changed["ticket"].clone();
        let extra = if extra.is_null() {
            conversation(&ticket)
        } else {
            extra
        };
        let added = add(&app, &admin, &ticket, &extra).await;
        let query = "query($id: ID!) { ticket(id: $id) { status resolvedAt version } }";
        let after = app
            .ask(&admin, query, json!({ "id": ticket["id"] }))
            .await
            .at("/ticket");
        let reopened = status != expected;
        assert_eq!(after["status"], expected, "{status} {extra}");
        let resolved = if reopened {
            &Value::Null
        } else {
            &ticket["resolvedAt"]
        };
        assert_eq!(&after["resolvedAt"], resolved, "{status} {extra}");
        let version = ticket["version"].as_i64().expect("a number") + i64::from(reopened);
        assert_eq!(after["version"], version, "{status} {extra}");
        // The event of the ticket follows that of the message.
        let own = crate::support::position(text(&added["message"]["changeCursor"]));
        assert_eq!(added.position(), Some(own + i64::from(reopened)));
    }
}

async fn the_sender_is_found_by_email(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let agent = app.agent(workspace, "Ada Berg").await;
    let ben = app.customer(workspace, "ben@example.com").await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    let ann = &ticket["customer"]["id"];
    let customer = |id: &Value| json!({ "__typename": "Customer", "id": id });
    for (email, direction, expected) in [
        ("ANN@example.com", "INBOUND", customer(ann)),
        ("ben@example.com", "INBOUND", customer(&json!(ben.id))),
        ("nobody@example.com", "INBOUND", Value::Null),
        (
            "ada.berg@agents.example.com",
            "OUTBOUND",
            json!({ "__typename": "Agent", "id": agent.id }),
        ),
        (
            "ADA.BERG@agents.example.com",
            "OUTBOUND",
            json!({ "__typename": "Agent", "id": agent.id }),
        ),
        ("support@example.com", "OUTBOUND", Value::Null),
        // The address of an agent on an inbound message, or of a customer on an outbound one, identifies no sender.
        ("ada.berg@agents.example.com", "INBOUND", Value::Null),
        ("ann@example.com", "OUTBOUND", Value::Null),
    ] {
        let extra = json!({ "senderEmail": email, "direction": direction });
        let added = add(&app, &admin, &ticket, &extra).await;
        assert_eq!(added["message"]["sender"], expected, "{email} {direction}");
        assert_eq!(added["message"]["senderEmail"], email);
        // The customer of the message is that of the conversation, for every sender.
        assert_eq!(&added["message"]["customer"]["id"], ann);
    }
}

async fn a_message_can_belong_to_a_conversation_only(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    let target = json!({ "target": { "conversationId": ticket["conversation"]["id"] } });
    let added = add(&app, &admin, &ticket, &target).await;
    let message = &added["message"];
    assert_eq!(
        (&message["ticketId"], &message["ticket"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(message["conversation"]["id"], ticket["conversation"]["id"]);
    let query = "query($id: ID!) { ticket(id: $id) { messageCount messages { totalCount } conversation { messageCount \
                 messages { totalCount nodes { id } } } } }";
    let after = app
        .ask(&admin, query, json!({ "id": ticket["id"] }))
        .await
        .at("/ticket");
    assert_eq!(
        (&after["messageCount"], &after["messages"]["totalCount"]),
        (&json!(1), &json!(1))
    );
    let thread = &after["conversation"];
    assert_eq!(
        (&thread["messageCount"], &thread["messages"]["totalCount"]),
        (&json!(2), &json!(2))
    );
    assert_eq!(thread["messages"]["nodes"][1]["id"], message["id"]);
}

async fn active_html_content_is_removed(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    let html = "<p onclick=\"steal()\">Hello <b>you</b></p><script>steal()</script>\
                <a href=\"javascript:steal()\">here</a><a href=\"JaVa\tScRiPt:steal()\">there</a>\
                <a href=\"https://example.com/\">site</a><img src=x onerror=steal()><iframe src=\"https://x\"></iframe>\
                <style>p { background: url(javascript:steal()) }</style><svg><script>steal()</script></svg>\
                <a href=\"data:text/html,<script>steal()</script>\">data</a><form action=\"https://x\"><input></form>";
    let added = add(&app, &admin, &ticket, &json!({ "bodyHtml": html })).await;
    let query = "query($id: ID!) { message(id: $id) { bodyHtml } }";
    let read = app
        .ask(&admin, query, json!({ "id": added["message"]["id"] }))
        .await
        .at("/message/bodyHtml");
    assert_eq!(read, added["message"]["bodyHtml"]);
    let clean = text(&read).to_lowercase();
    for kept in ["<p>", "<b>you</b>", "https://example.com/", "here"] {
        assert!(clean.contains(kept), "{kept} in {clean}");
    }
    for gone in [
        "script", "steal", "onclick", "onerror", "iframe", "<style", "svg", "data:", "<form", "<input",
    ] {
        assert!(!clean.contains(gone), "{gone} in {clean}");
    }
    for nothing in ["", "  ", "<script>steal()</script>", "<!-- nothing -->"] {
        let added = add(&app, &admin, &ticket, &json!({ "bodyHtml": nothing })).await;
        assert_eq!(added["message"]["bodyHtml"], Value::Null, "{nothing}");
    }
    let first =
        json!({ "subject": "Hi", "customerEmail": "ann@example.com", "body": "Hi", "bodyHtml": html });
    let made = app.wrote(&admin, "ticketCreate", json!({ "input": first })).await;
    assert_eq!(made["message"]["bodyHtml"], read);
}

async fn each_invalid_value_is_refused_by_path(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    let events = app.log(workspace).await.len();
    let (none, thread) = (uuid::Uuid::max(), &ticket["conversation"]["id"]);
    let ticket_id = |id: &str| json!({ "target": { "ticketId": id } });
    let conversation_id = |id: &str| json!({ "target": { "conversationId": id } });
    for (extra, expected) in [
        (json!({ "body": " " }), "REQUIRED input.body"),
        (json!({ "body": "x".repeat(300 << 10) }), "TOO_LONG input.body"),
        (json!({ "body": "\0x" }), "INVALID input.body"),
        (
            json!({ "bodyHtml": "x".repeat(300 << 10) }),
            "TOO_LONG input.bodyHtml",
        ),
        (json!({ "bodyHtml": "\0" }), "INVALID input.bodyHtml"),
        (json!({ "senderEmail": "" }), "REQUIRED input.senderEmail"),
        (json!({ "senderEmail": "nobody" }), "INVALID input.senderEmail"),
        (
            json!({ "senderEmail": "a\0@example.com" }),
            "INVALID input.senderEmail",
        ),
        (
            json!({ "senderName": "x".repeat(301) }),
            "TOO_LONG input.senderName",
        ),
        (json!({ "senderName": "\0" }), "INVALID input.senderName"),
        (
            ticket_id(&entity::TicketId(none).to_string()),
            "NOT_FOUND input.target.ticketId",
        ),
        (ticket_id(text(thread)), "INVALID input.target.ticketId"),
        (
            conversation_id(&entity::ConversationId(none).to_string()),
            "NOT_FOUND input.target.conversationId",
        ),
        (
            conversation_id(text(&ticket["id"])),
            "INVALID input.target.conversationId",
        ),
    ] {
        let refused = add(&app, &admin, &ticket, &extra).await;
        let told: String = extra.to_string().chars().take(60).collect();
        assert_eq!(refused.errors(), [expected], "{told}");
        assert_eq!((&refused["message"], refused.position()), (&Value::Null, None));
    }
    assert_eq!(app.log(workspace).await.len(), events);
    for target in [
        json!({}),
        json!({ "ticketId": ticket["id"], "conversationId": thread }),
        json!({ "ticketId": null }),
    ] {
        let variables = json!({ "input": input(&ticket, &json!({ "target": target })) });
        let answer = app.attempt(&admin, "messageAdd", variables).await;
        assert_eq!(answer.error(), "BAD_USER_INPUT", "{target}");
    }
}

on_each_database!(
    messages_are_inbound_by_default,
    only_inbound_messages_reopen_pending_and_solved_tickets,
    the_sender_is_found_by_email,
    a_message_can_belong_to_a_conversation_only,
    active_html_content_is_removed,
    each_invalid_value_is_refused_by_path,
);
