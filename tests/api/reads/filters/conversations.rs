//! Filters of conversations.

use deskgraph::service::Patch;
use entity::message::Direction;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use super::{List, id_of};
use crate::support::{
    Person, TestApp,
    fill::{self, Rows, minute},
    on_each_database,
};

/// Two conversations of Ann, one of Bob, and one without messages. They are identified by name.
async fn create_three_conversations(app: &TestApp) -> Person {
    let (workspace, admin) = app.admin().await;
    let mut ann = fill::customer("ann");
    ann.fields.company = Patch::Set("Ünal".to_owned());
    let mut rows = Rows {
        customers: vec![ann, fill::customer("bob")],
        ..Rows::default()
    };
    for (name, customer, channel, made) in [
        ("one", "ann", "Chat", 1),
        ("two", "ann", "email", 2),
        ("three", "bob", "sms", 3),
    ] {
        let mut ticket = fill::ticket(name, customer);
        channel.clone_into(&mut ticket.source);
        ticket.created_at = Some(minute(made));
        rows.tickets.push(ticket);
        if name != "three" {
            let mut message = fill::message(name, name, "x@example.com");
            message.created_at = Some(minute(made * 10));
            rows.messages.push(message);
        }
    }
    let mut reply = fill::message("reply", "two", "mia@agents.example.com");
    reply.direction = Direction::Outbound;
    reply.created_at = Some(minute(25));
    rows.messages.push(reply);
    app.fill(workspace, &rows).await;
    let db = &app.services.db;
    let sql = "UPDATE conversation SET external_id = 'CRM-1' WHERE name = 'one'";
    let named = db
        .connection()
        .execute_raw(Statement::from_string(db.dialect().backend(), sql));
    named.await.expect("named");
    let list = list(app, &admin);
    app.clock_control.advance_ms(45 * 60_000);
    for (name, status) in [("two", "SNOOZED"), ("three", "DONE")] {
        let query = "mutation($id: ID!, $input: ConversationUpdateInput!) \
                     { conversationUpdate(id: $id, input: $input) { userErrors { code } } }";
        let until = (status == "SNOOZED").then_some("2030-01-01T00:00:00Z");
        let input = json!({ "status": status, "snoozedUntil": until, "tags": [name] });
        let variables = json!({ "id": id_of(list, name).await, "input": input });
        let errors = app.ask(&admin, query, variables).await;
        assert_eq!(errors.at("/conversationUpdate/userErrors"), json!([]));
    }
    let team = app
        .wrote(
            &admin,
            "teamCreate",
            json!({ "input": { "name": "Second line" } }),
        )
        .await;
    let queue = app
        .wrote(&admin, "queueCreate", json!({ "input": { "name": "Returns" } }))
        .await;
    let input = json!({
        "assigneeIds": [admin.id],
        "teamIds": [team["team"]["id"]],
        "queueId": queue["queue"]["id"],
        "customFields": { "order": 7 },
    });
    let variables = json!({ "id": id_of(list, "two").await, "input": input });
    app.wrote(&admin, "conversationUpdate", variables).await;
    admin
}

fn list<'a>(app: &'a TestApp, person: &'a Person) -> List<'a> {
    List {
        app,
        person,
        path: "conversations",
        label: "name",
    }
}

async fn every_condition_on_conversations_finds_its_matches(app: TestApp) {
    let admin = create_three_conversations(&app).await;
    let list = list(&app, &admin);
    let customers = List {
        path: "customers",
        label: "email",
        ..list
    };
    let id = format!(r#"id: ["{}"]"#, id_of(list, "two").await);
    let customer = format!(r#"customerId: ["{}"]"#, id_of(customers, "ann@example.com").await);
    let inbox = format!(r#"inboxOf: "{}""#, admin.id);
    let first = app
        .ask(
            &admin,
            "{ teams { nodes { id } } queues { nodes { id } } }",
            json!({}),
        )
        .await
        .data();
    let team = format!("teamId: [{}]", first["teams"]["nodes"][0]["id"]);
    let queue = format!("queueId: [{}]", first["queues"]["nodes"][0]["id"]);
    let assignee = format!(r#"assigneeId: ["{}"]"#, admin.id);
    let not_assignee = format!("not: {{{assignee}}}");
    let cases = [
        (assignee.as_str(), "two"),
        (not_assignee.as_str(), "one three"),
        ("assigneeId: []", ""),
        ("isAssigned: true", "two"),
        ("isAssigned: false", "one three"),
        (team.as_str(), "two"),
        ("teamId: []", ""),
        (queue.as_str(), "two"),
        ("queueId: []", ""),
        (r#"customFields: [{key: "order", eq: 7}]"#, "two"),
        (r#"externalId: {eq: "crm-1"}"#, "one"),
        ("externalId: {isNull: true}", "three two"),
        ("snoozedUntil: {isNull: false}", "two"),
        (r#"snoozedUntil: {lt: "2030-01-01T00:00:00Z"}"#, ""),
        (r#"updatedAt: {gte: "2026-01-01T12:45:00Z"}"#, "three two"),
        (r#"lastInboundAt: {lte: "2026-01-01T12:10:00Z"}"#, "one"),
        ("lastInboundAt: {isNull: true}", "three"),
        (r#"lastOutboundAt: {gte: "2026-01-01T12:25:00Z"}"#, "two"),
        ("lastOutboundAt: {isNull: true}", "one three"),
        ("isAwaitingReply: true", "one"),
        ("isAwaitingReply: false", "three two"),
        (id.as_str(), "two"),
        ("id: []", ""),
        ("status: [OPEN]", "one"),
        ("status: [SNOOZED, DONE]", "three two"),
        ("status: []", ""),
        (r#"channel: {eq: "CHAT"}"#, "one"),
        (r#"channel: {in: ["SMS", "Email"]}"#, "three two"),
        (r#"channel: {contains: "m"}"#, "three two"),
        (r#"channel: {startsWith: "_"}"#, ""),
        ("channel: {isNull: true}", ""),
        (customer.as_str(), "one two"),
        ("customerId: []", ""),
        (inbox.as_str(), "one"),
        (r#"tags: {hasAny: ["two", "one"]}"#, "two"),
        (r#"tags: {hasNone: ["two"]}"#, "one three"),
        (r#"createdAt: {gte: "2026-01-01T12:02:00Z"}"#, "three two"),
        (r#"createdAt: {lt: "2026-01-01T12:01:00Z"}"#, ""),
        ("lastMessageAt: {isNull: true}", "three"),
        (r#"lastMessageAt: {lte: "2026-01-01T12:10:00Z"}"#, "one"),
        (
            r#"not: {lastMessageAt: {lte: "2026-01-01T12:10:00Z"}}"#,
            "three two",
        ),
        (r#"customer: {company: {eq: "ÜNAL"}}"#, "one two"),
        ("customer: {company: {isNull: true}}", "three"),
        (r#"customer: {tags: {hasAny: ["x"]}}"#, ""),
        (
            "and: [{status: [OPEN, DONE]}, {lastMessageAt: {isNull: false}}]",
            "one",
        ),
        (
            "or: [{status: [OPEN]}, {lastMessageAt: {isNull: true}}]",
            "one three",
        ),
        ("or: []", ""),
        ("not: {status: [OPEN]}", "three two"),
        (r#"not: {customer: {company: {eq: "ünal"}}}"#, "three"),
    ];
    list.check("ConversationFilter", &cases).await;
}

on_each_database!(every_condition_on_conversations_finds_its_matches);
