//! Filters of messages.

use entity::message::Direction;

use super::{List, id_of};
use crate::support::{
    Person, TestApp,
    fill::{self, Rows, minute},
    on_each_database,
};

/// Three messages in one ticket. They are identified by body.
async fn create_three_messages(app: &TestApp) -> Person {
    let (workspace, admin) = app.admin().await;
    let mut rows = Rows {
        customers: vec![fill::customer("ann")],
        tickets: vec![fill::ticket("t", "ann")],
        ..Rows::default()
    };
    for (body, sender, direction, made) in [
        ("First_100%", "Ann@Example.com", Direction::Inbound, 1),
        ("second", "mia@agents.example.com", Direction::Outbound, 2),
        ("Über", "ann@example.com", Direction::Inbound, 3),
    ] {
        let mut message = fill::message(body, "t", sender);
        message.direction = direction;
        message.internal = body == "second";
        message.created_at = Some(minute(made));
        rows.messages.push(message);
    }
    app.fill(workspace, &rows).await;
    admin
}

async fn every_condition_on_messages_works_in_each_list(app: TestApp) {
    let admin = create_three_messages(&app).await;
    let parents = List {
        app: &app,
        person: &admin,
        path: "customers",
        label: "email",
    };
    let customer = id_of(parents, "ann@example.com").await;
    let tickets = List {
        path: "tickets",
        label: "subject",
        ..parents
    };
    let conversations = List {
        path: "conversations",
        label: "name",
        ..parents
    };
    for path in [
        format!(r#"customer(id: "{customer}")/messages"#),
        format!(r#"ticket(id: "{}")/messages"#, id_of(tickets, "t").await),
        format!(
            r#"conversation(id: "{}")/messages"#,
            id_of(conversations, "t").await
        ),
    ] {
        let list = List {
            path: &path,
            label: "body",
            ..parents
        };
        let cases = [
            ("direction: INBOUND", "First_100% Über"),
            ("direction: OUTBOUND", "second"),
            (r#"senderEmail: {eq: "ANN@example.com"}"#, "First_100% Über"),
            (r#"senderEmail: {startsWith: "MIA"}"#, "second"),
            (r#"senderEmail: {in: ["x@example.com"]}"#, ""),
            (r#"senderEmail: {contains: "_"}"#, ""),
            (r#"body: {contains: "T_1"}"#, "First_100%"),
            (r#"body: {contains: "%"}"#, "First_100%"),
            (r#"body: {eq: "SECOND"}"#, "second"),
            (r#"body: {startsWith: "Ü"}"#, "Über"),
            // Comparisons of bodies ignore case for the letters A to Z only.
            (r#"body: {startsWith: "ÜBER"}"#, "Über"),
            (r#"body: {startsWith: "ü"}"#, ""),
            ("body: {isNull: true}", ""),
            (r#"createdAt: {gt: "2026-01-01T12:01:00Z"}"#, "second Über"),
            (
                r#"createdAt: {gt: "2026-01-01T12:01:00Z", lt: "2026-01-01T12:03:00Z"}"#,
                "second",
            ),
            (r#"createdAt: {gt: "2026-01-01T12:03:00Z"}"#, ""),
            ("isInternal: true", "second"),
            ("isInternal: false", "First_100% Über"),
            (
                r#"and: [{direction: INBOUND}, {body: {contains: "t_1"}}]"#,
                "First_100%",
            ),
            (
                r#"or: [{isInternal: true}, {body: {startsWith: "Ü"}}]"#,
                "second Über",
            ),
            ("or: []", ""),
            ("not: {direction: INBOUND}", "second"),
            (r#"not: {body: {contains: "%"}}"#, "second Über"),
        ];
        list.check("MessageFilter", &cases).await;
    }
}

on_each_database!(every_condition_on_messages_works_in_each_list);
