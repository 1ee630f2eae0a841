//! Creating and updating conversations.

use deskgraph::auth::Grant;
use serde_json::{Value, json};

use crate::support::{TestApp, on_each_database};

async fn a_conversation_of_an_unknown_email_creates_the_customer(app: TestApp) {
    let (_, admin) = app.admin().await;
    let input = json!({ "customer": { "email": "john@acme.com" } });
    let made = app
        .wrote(&admin, "conversationCreate", json!({ "input": input }))
        .await;
    assert_eq!(
        (&made["customerCreated"], made.position()),
        (&json!(true), Some(2))
    );
    let conversation = &made["conversation"];
    for (field, value) in [
        ("name", Value::Null),
        ("channel", json!("api")),
        ("status", json!("OPEN")),
        ("snoozedUntil", Value::Null),
        ("messageCount", json!(0)),
        ("lastMessageAt", Value::Null),
        ("createdAt", json!("2026-01-01T12:00:00.000Z")),
        ("version", json!(1)),
    ] {
        assert_eq!(conversation[field], value, "{field}");
    }
    assert_eq!(conversation["customer"]["email"], "john@acme.com");

    let input = json!({ "customer": { "email": "JOHN@acme.com" }, "name": "Again", "channel": "chat", "status": "DONE" });
    let again = app
        .wrote(&admin, "conversationCreate", json!({ "input": input }))
        .await;
    assert_eq!(
        (&again["customerCreated"], again.position()),
        (&json!(false), Some(3))
    );
    let other = &again["conversation"];
    assert_eq!(other["customer"], conversation["customer"]);
    assert_eq!(
        (&other["name"], &other["channel"], &other["status"]),
        (&json!("Again"), &json!("chat"), &json!("DONE"))
    );
}

async fn the_customer_is_identified_by_id_or_external_id(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ann = app.customer(workspace, "ann@example.com").await.id;
    let crm = json!({ "identifier": { "externalId": "crm-7" }, "input": {} });
    let crm = app.wrote(&admin, "customerUpsert", crm).await["customer"]["id"].clone();
    for (identifier, id) in [
        (json!({ "id": ann }), json!(ann)),
        (json!({ "externalId": "crm-7" }), crm),
    ] {
        let input = json!({ "customer": identifier });
        let made = app
            .wrote(&admin, "conversationCreate", json!({ "input": input }))
            .await;
        assert_eq!(
            (&made["conversation"]["customer"]["id"], &made["customerCreated"]),
            (&id, &json!(false))
        );
    }
}

async fn each_invalid_value_is_refused_by_path(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let nobody = entity::CustomerId(uuid::Uuid::max()).to_string();
    for (extra, expected) in [
        (
            json!({ "customer": { "id": nobody } }),
            "NOT_FOUND input.customer",
        ),
        (
            json!({ "customer": { "externalId": "nobody" } }),
            "NOT_FOUND input.customer",
        ),
        (json!({ "customer": { "id": "7" } }), "INVALID input.customer.id"),
        (
            json!({ "customer": { "email": "nobody" } }),
            "INVALID input.customer.email",
        ),
        (
            json!({ "customer": { "email": "a\0@example.com" } }),
            "INVALID input.customer.email",
        ),
        (
            json!({ "customer": { "externalId": "a\0" } }),
            "INVALID input.customer.externalId",
        ),
        (json!({ "name": "x".repeat(301) }), "TOO_LONG input.name"),
        (json!({ "name": "\0" }), "INVALID input.name"),
        (json!({ "channel": "" }), "REQUIRED input.channel"),
        (json!({ "channel": "x".repeat(65) }), "TOO_LONG input.channel"),
        (json!({ "channel": "\0x" }), "INVALID input.channel"),
    ] {
        let mut input = json!({ "customer": { "email": "ann@example.com" } });
        for (field, value) in extra.as_object().expect("fields") {
            input[field] = value.clone();
        }
        let refused = app
            .write(&admin, "conversationCreate", json!({ "input": input }))
            .await;
        assert_eq!(refused.errors(), [expected], "{extra}");
        if expected == "NOT_FOUND input.customer" {
            let message = "This customer does not exist in this workspace.";
            assert_eq!(refused["userErrors"][0]["message"], message);
        }
        assert_eq!(
            (&refused["conversation"], refused.position()),
            (&Value::Null, None)
        );
    }
    assert!(app.log(workspace).await.is_empty());
}

async fn only_snoozed_conversations_have_a_future_snooze_time(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let made = json!({ "input": { "customer": { "email": "ann@example.com" } } });
    let id = app.wrote(&admin, "conversationCreate", made).await["conversation"]["id"].clone();
    let (soon, later) = ("2026-01-01T12:00:00.001Z", "2026-02-01T00:00:00.000Z");
    // The input, and the resulting status and time of snooze, or the error.
    for (input, expected) in [
        (json!({ "snoozedUntil": soon }), Err("INVALID input.snoozedUntil")),
        (
            json!({ "status": "SNOOZED", "snoozedUntil": "2026-01-01T12:00:00Z" }),
            Err("INVALID input.snoozedUntil"),
        ),
        (
            json!({ "status": "SNOOZED", "snoozedUntil": "2020-01-01T12:00:00Z" }),
            Err("INVALID input.snoozedUntil"),
        ),
        (
            json!({ "status": "DONE", "snoozedUntil": soon }),
            Err("INVALID input.snoozedUntil"),
        ),
        (json!({ "status": null }), Err("REQUIRED input.status")),
        (json!({ "name": "\0" }), Err("INVALID input.name")),
        (json!({ "status": "SNOOZED" }), Err("REQUIRED input.snoozedUntil")),
        (
            json!({ "status": "SNOOZED", "snoozedUntil": null }),
            Err("REQUIRED input.snoozedUntil"),
        ),
        (
            json!({ "status": "SNOOZED", "snoozedUntil": soon }),
            Ok(("SNOOZED", Some(soon))),
        ),
        (
            json!({ "snoozedUntil": "2026-02-01T02:00:00+02:00" }),
            Ok(("SNOOZED", Some(later))),
        ),
        (json!({ "name": "Asleep" }), Ok(("SNOOZED", Some(later)))),
        (
            json!({ "snoozedUntil": null }),
            Err("REQUIRED input.snoozedUntil"),
        ),
        (
            json!({ "status": "SNOOZED", "tags": ["night"] }),
            Ok(("SNOOZED", Some(later))),
        ),
        (json!({ "status": "DONE" }), Ok(("DONE", None))),
        (
            json!({ "status": "SNOOZED", "snoozedUntil": later }),
            Ok(("SNOOZED", Some(later))),
        ),
        (
            json!({ "status": "OPEN", "snoozedUntil": null }),
            Ok(("OPEN", None)),
        ),
    ] {
        let events = app.log(workspace).await.len();
        let variables = json!({ "id": id, "input": input });
        let answer = app.write(&admin, "conversationUpdate", variables).await;
        match expected {
            Ok((status, until)) => {
                let row = &answer["conversation"];
                assert_eq!(
                    (&row["status"], &row["snoozedUntil"]),
                    (&json!(status), &json!(until)),
                    "{input}"
                );
                assert_eq!(app.log(workspace).await.len(), events + 1, "{input}");
            }
            Err(error) => {
                assert_eq!(answer.errors(), [error], "{input}");
                assert_eq!(app.log(workspace).await.len(), events, "{input}");
            }
        }
    }
}

async fn an_update_without_changes_writes_nothing(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let made = json!({ "input": { "customer": { "email": "ann@example.com" }, "name": "Chat" } });
    let made = app.wrote(&admin, "conversationCreate", made).await;
    let id = &made["conversation"]["id"];
    app.clock_control.advance_ms(1_000);
    for input in [
        json!({}),
        json!({ "name": "Chat", "status": "OPEN", "snoozedUntil": null }),
    ] {
        let same = app
            .wrote(&admin, "conversationUpdate", json!({ "id": id, "input": input }))
            .await;
        assert_eq!(
            (same.position(), &same["conversation"]),
            (None, &made["conversation"]),
            "{input}"
        );
    }
    assert_eq!(app.log(workspace).await.len(), 2);
    let renamed = json!({ "id": id, "input": { "name": null } });
    let renamed = app.wrote(&admin, "conversationUpdate", renamed).await;
    assert_eq!(renamed["conversation"]["name"], Value::Null);
    assert_eq!(renamed["conversation"]["version"], 2);
    assert_eq!(renamed["conversation"]["updatedAt"], "2026-01-01T12:00:01.000Z");
    let none = entity::ConversationId(uuid::Uuid::max()).to_string();
    let missing = app
        .write(&admin, "conversationUpdate", json!({ "id": none, "input": {} }))
        .await;
    assert_eq!(missing.errors(), ["NOT_FOUND id"]);
}

async fn a_write_with_two_workspaces_needs_one(app: TestApp) {
    let (one, two) = (app.workspace("One").await, app.workspace("Two").await);
    let program = app.api_key(&[one, two], &[Grant::Read, Grant::Write]).await;
    let ann = app.customer(one, "ann@example.com").await.id;
    let input = json!({ "customer": { "id": ann } });
    let refused = app
        .write(&program, "conversationCreate", json!({ "input": input }))
        .await;
    assert_eq!(refused.errors(), ["WORKSPACE_REQUIRED workspaceId"]);
    let nowhere = entity::WorkspaceId(uuid::Uuid::max());
    for (workspace, expected) in [
        (nowhere, "NOT_FOUND workspaceId"),
        (two, "NOT_FOUND input.customer"),
    ] {
        let variables = json!({ "workspaceId": workspace.to_string(), "input": input });
        let refused = app.write(&program, "conversationCreate", variables).await;
        assert_eq!(refused.errors(), [expected]);
    }
    let here = json!({ "workspaceId": one.to_string(), "input": input });
    app.wrote(&program, "conversationCreate", here).await;
}

on_each_database!(
    a_conversation_of_an_unknown_email_creates_the_customer,
    the_customer_is_identified_by_id_or_external_id,
    each_invalid_value_is_refused_by_path,
    only_snoozed_conversations_have_a_future_snooze_time,
    an_update_without_changes_writes_nothing,
    a_write_with_two_workspaces_needs_one,
);
