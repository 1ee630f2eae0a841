//! Creating tickets.

use deskgraph::auth::Grant;
use serde_json::{Value, json};

use crate::support::{TestApp, on_each_database, text};

fn input(extra: &Value) -> Value {
    let mut input = json!({
        "subject": "Order not delivered", "customerEmail": "customer@example.com", "body": "Where is my order?",
    });
    for (field, value) in extra.as_object().expect("fields") {
        input[field] = value.clone();
    }
    json!({ "input": input })
}

async fn a_ticket_creates_customer_conversation_and_message(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let variables = input(&json!({ "customerName": "Jane Smith" }));
    let made = app.wrote(&admin, "ticketCreate", variables).await;
    assert_eq!(made["customerCreated"], true);
    let ticket = &made["ticket"];
    for (field, value) in [
        ("subject", json!("Order not delivered")),
        ("status", json!("OPEN")),
        ("priority", json!("MEDIUM")),
        ("customerEmail", json!("customer@example.com")),
        ("customerName", json!("Jane Smith")),
        ("source", json!("api")),
        ("assignedTo", Value::Null),
        ("messageCount", json!(1)),
        ("lastMessageAt", json!("2026-01-01T12:00:00.000Z")),
        ("createdAt", json!("2026-01-01T12:00:00.000Z")),
    ] {
        assert_eq!(ticket[field], value, "{field}");
    }
    assert_eq!(ticket["customer"]["name"], "Jane Smith");
    assert_eq!(ticket["conversation"]["name"], "Order not delivered");
    assert_eq!(ticket["conversation"]["channel"], "api");
    assert_eq!(ticket["conversation"]["messageCount"], 1);
    let message = &made["message"];
    assert_eq!(
        (&message["direction"], &message["body"]),
        (&json!("INBOUND"), &json!("Where is my order?"))
    );
    assert_eq!(message["senderEmail"], "customer@example.com");
    assert_eq!(
        message["sender"],
        json!({ "__typename": "Customer", "id": ticket["customer"]["id"] })
    );
    assert_eq!(message["ticketId"], ticket["id"]);
    // Customer, conversation, ticket, message: four events of one transaction. That of the message is the last.
    assert_eq!(made.position(), Some(4));
    assert_eq!(message["changeCursor"], made["changeCursor"]);
    assert_eq!(app.log(workspace).await.len(), 4);
}

async fn a_ticket_belongs_to_the_customer_with_its_email(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ann = app.customer(workspace, "Customer@Example.com").await.id;
    let made = app
        .wrote(
            &admin,
            "ticketCreate",
            input(&json!({ "customerName": "Other Name" })),
        )
        .await;
    assert_eq!(made["customerCreated"], false);
    let ticket = &made["ticket"];
    assert_eq!(
        ticket["customer"],
        json!({ "id": ann, "name": null, "email": "Customer@Example.com" })
    );
    // The given name, and not the name of the customer.
    assert_eq!(
        (&ticket["customerEmail"], &ticket["customerName"]),
        (&json!("customer@example.com"), &json!("Other Name"))
    );
    assert_eq!(made.position(), Some(4));
}

async fn the_customer_name_defaults_to_that_of_the_customer(app: TestApp) {
    let (_, admin) = app.admin().await;
    let named = json!({ "input": { "email": "customer@example.com", "name": "Ann" } });
    app.wrote(&admin, "customerUpsert", named).await;
    let made = app
        .wrote(&admin, "ticketCreate", input(&json!({ "customerName": " " })))
        .await;
    assert_eq!(made["ticket"]["customerName"], "Ann");
}

async fn the_priority_defaults_to_the_customer_or_medium(app: TestApp) {
    let (_, admin) = app.admin().await;
    let urgent = json!({ "input": { "email": "vip@example.com", "priorityOverride": "URGENT" } });
    app.wrote(&admin, "customerUpsert", urgent).await;
    for (extra, expected) in [
        (json!({}), "MEDIUM"),
        (json!({ "customerEmail": "vip@example.com" }), "URGENT"),
        (
            json!({ "customerEmail": "vip@example.com", "priority": null }),
            "URGENT",
        ),
        (
            json!({ "customerEmail": "vip@example.com", "priority": "LOW" }),
            "LOW",
        ),
    ] {
        let made = app.wrote(&admin, "ticketCreate", input(&extra)).await;
        assert_eq!(made["ticket"]["priority"], expected, "{extra}");
    }
}

async fn source_assignee_and_tags_are_stored(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let agent = app.agent(workspace, "Ada Berg").await;
    let extra = json!({ "source": "email", "assignedTo": agent.id, "tags": [" login ", "urgent", "login"] });
    let made = app.wrote(&admin, "ticketCreate", input(&extra)).await;
    let ticket = &made["ticket"];
    assert_eq!(
        (&ticket["source"], &ticket["assignedTo"]),
        (&json!("email"), &json!(agent.id))
    );
    assert_eq!(ticket["tags"], json!(["login", "urgent"]));
    assert_eq!(ticket["conversation"]["channel"], "email");
    let plain = app
        .wrote(
            &admin,
            "ticketCreate",
            input(&json!({ "source": null, "tags": null })),
        )
        .await;
    assert_eq!(
        (&plain["ticket"]["source"], &plain["ticket"]["tags"]),
        (&json!("api"), &json!([]))
    );
}

async fn a_ticket_can_continue_a_conversation(app: TestApp) {
    let (_, admin) = app.admin().await;
    let first = app.ticket(&admin, "customer@example.com").await;
    app.clock_control.advance_ms(5);
    let thread = &first["conversation"]["id"];
    let second = app
        .wrote(
            &admin,
            "ticketCreate",
            input(&json!({ "conversationId": thread })),
        )
        .await;
    assert_eq!(second["ticket"]["conversation"]["id"], *thread);
    assert_eq!(second["ticket"]["conversation"]["messageCount"], 2);
    // Neither a new conversation nor a new customer: a ticket and a message.
    assert_eq!(second.position(), Some(4 + 2));
}

async fn foreign_conversations_and_agents_are_refused(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let other = app.ticket(&admin, "other@example.com").await;
    let events = app.log(workspace).await.len();
    let nobody = uuid::Uuid::max();
    let agent = entity::AgentId(nobody).to_string();
    for (extra, expected) in [
        (
            json!({ "conversationId": other["conversation"]["id"] }),
            "INVALID input.conversationId",
        ),
        (
            json!({ "conversationId": entity::ConversationId(nobody).to_string() }),
            "NOT_FOUND input.conversationId",
        ),
        (
            json!({ "conversationId": other["id"] }),
            "INVALID input.conversationId",
        ),
        (json!({ "assignedTo": agent }), "NOT_FOUND input.assignedTo"),
        (json!({ "assignedTo": other["id"] }), "INVALID input.assignedTo"),
    ] {
        let refused = app.write(&admin, "ticketCreate", input(&extra)).await;
        assert_eq!(refused.errors(), [expected], "{extra}");
        assert_eq!(
            (&refused["ticket"], &refused["customerCreated"]),
            (&Value::Null, &Value::Null)
        );
    }
    // The new customer of the rejected mutation was not created either.
    let query = "{ customers { totalCount } tickets { totalCount } conversations { totalCount } }";
    let counts = app.ask(&admin, query, json!({})).await.data();
    assert_eq!(
        counts,
        json!({
            "customers": { "totalCount": 1 }, "tickets": { "totalCount": 1 }, "conversations": { "totalCount": 1 },
        })
    );
    assert_eq!(app.log(workspace).await.len(), events);
}

async fn each_invalid_value_is_refused_by_path(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let cases: Vec<(Value, &[&str])> = vec![
        (json!({ "subject": " " }), &["REQUIRED input.subject"]),
        (json!({ "subject": "é".repeat(501) }), &["TOO_LONG input.subject"]),
        (json!({ "subject": "a\0b" }), &["INVALID input.subject"]),
        (json!({ "body": "" }), &["REQUIRED input.body"]),
        (json!({ "body": "\n \n" }), &["REQUIRED input.body"]),
        (json!({ "body": "x".repeat(300 << 10) }), &["TOO_LONG input.body"]),
        (
            json!({ "body": "é".repeat((128 << 10) + 1) }),
            &["TOO_LONG input.body"],
        ),
        (json!({ "body": "a\0b" }), &["INVALID input.body"]),
        (
            json!({ "bodyHtml": "x".repeat(300 << 10) }),
            &["TOO_LONG input.bodyHtml"],
        ),
        (json!({ "bodyHtml": "<p>\0</p>" }), &["INVALID input.bodyHtml"]),
        (json!({ "customerEmail": "" }), &["REQUIRED input.customerEmail"]),
        (
            json!({ "customerEmail": "nobody" }),
            &["INVALID input.customerEmail"],
        ),
        (
            json!({ "customerEmail": "a\0@example.com" }),
            &["INVALID input.customerEmail"],
        ),
        (
            json!({ "customerName": "é".repeat(301) }),
            &["TOO_LONG input.customerName"],
        ),
        (json!({ "customerName": "\0" }), &["INVALID input.customerName"]),
        (json!({ "source": "" }), &["REQUIRED input.source"]),
        (json!({ "source": "x".repeat(65) }), &["TOO_LONG input.source"]),
        (json!({ "source": "\0x" }), &["INVALID input.source"]),
        (json!({ "tags": ["a", ""] }), &["REQUIRED input.tags.1"]),
        (json!({ "tags": ["a\0"] }), &["INVALID input.tags.0"]),
        (json!({ "tags": vec!["a"; 51] }), &["TOO_LONG input.tags"]),
        (
            json!({ "subject": "", "customerEmail": "nobody", "body": "" }),
            &[
                "REQUIRED input.subject",
                "INVALID input.customerEmail",
                "REQUIRED input.body",
            ],
        ),
    ];
    for (extra, expected) in &cases {
        let refused = app.write(&admin, "ticketCreate", input(extra)).await;
        let told: String = extra.to_string().chars().take(60).collect();
        assert_eq!(refused.errors(), *expected, "{told}");
    }
    assert!(app.log(workspace).await.is_empty());
    // The maximum length.
    let longest =
        json!({ "subject": "é".repeat(500), "body": "é".repeat(128 << 10), "source": "x".repeat(64) });
    let made = app.wrote(&admin, "ticketCreate", input(&longest)).await;
    assert_eq!(made["message"]["body"], longest["body"]);
    assert_eq!(made["ticket"]["subject"], longest["subject"]);
}

async fn a_write_with_two_workspaces_needs_one(app: TestApp) {
    let (one, two) = (app.workspace("One").await, app.workspace("Two").await);
    let program = app.api_key(&[one, two], &[Grant::Read, Grant::Write]).await;
    let refused = app.write(&program, "ticketCreate", input(&json!({}))).await;
    assert_eq!(refused.errors(), ["WORKSPACE_REQUIRED workspaceId"]);
    let within = |workspace: &str, extra: Value| {
        let mut variables = input(&extra);
        variables["workspaceId"] = json!(workspace);
        variables
    };
    let nowhere = entity::WorkspaceId(uuid::Uuid::max()).to_string();
    for (workspace, expected) in [
        (nowhere.as_str(), "NOT_FOUND workspaceId"),
        ("7", "INVALID workspaceId"),
    ] {
        let refused = app
            .write(&program, "ticketCreate", within(workspace, json!({})))
            .await;
        assert_eq!(refused.errors(), [expected]);
    }
    for workspace in [one, two] {
        let variables = within(&workspace.to_string(), json!({}));
        let made = app.wrote(&program, "ticketCreate", variables).await;
        assert_eq!(
            (made.position(), &made["customerCreated"]),
            (Some(4), &json!(true))
        );
        // Objects of one workspace do not exist in the other.
        let other = if workspace == one { two } else { one };
        let thread = text(&made["ticket"]["conversation"]["id"]);
        let variables = within(&other.to_string(), json!({ "conversationId": thread }));
        let refused = app.write(&program, "ticketCreate", variables).await;
        assert_eq!(refused.errors(), ["NOT_FOUND input.conversationId"]);
    }
    let agent = app.agent(two, "Ada").await;
    let variables = within(&one.to_string(), json!({ "assignedTo": agent.id }));
    let refused = app.write(&program, "ticketCreate", variables).await;
    assert_eq!(refused.errors(), ["NOT_FOUND input.assignedTo"]);
}

on_each_database!(
    a_ticket_creates_customer_conversation_and_message,
    a_ticket_belongs_to_the_customer_with_its_email,
    the_customer_name_defaults_to_that_of_the_customer,
    the_priority_defaults_to_the_customer_or_medium,
    source_assignee_and_tags_are_stored,
    a_ticket_can_continue_a_conversation,
    foreign_conversations_and_agents_are_refused,
    each_invalid_value_is_refused_by_path,
    a_write_with_two_workspaces_needs_one,
);
