//! Filters of conversations.

use deskgraph::service::Patch;
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
    app.fill(workspace, &rows).await;
    let list = list(app, &admin);
    for (name, status) in [("two", "SNOOZED"), ("three", "DONE")] {
        let query = "mutation($id: ID!, $input: ConversationUpdateInput!) \
                     { conversationUpdate(id: $id, input: $input) { userErrors { code } } }";
        let until = (status == "SNOOZED").then_some("2030-01-01T00:00:00Z");
        let input = json!({ "status": status, "snoozedUntil": until, "tags": [name] });
        let variables = json!({ "id": id_of(list, name).await, "input": input });
        let errors = app.ask(&admin, query, variables).await;
        assert_eq!(errors.at("/conversationUpdate/userErrors"), json!([]));
    }
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
    let cases = [
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
