//! Updating tickets.

use serde_json::{Value, json};

use crate::support::{TestApp, on_each_database, text};

async fn resolved_at_is_the_end_of_open_or_pending(app: TestApp) {
    let (_, admin) = app.admin().await;
    let id = app.ticket(&admin, "ann@example.com").await["id"].clone();
    let mut resolved: Option<String> = None;
    let mut seconds = 0;
    // The new status, and whether the time of resolution is set, kept or cleared.
    for (status, becomes) in [
        ("SOLVED", "set"),
        ("CLOSED", "kept"),
        ("SOLVED", "kept"),
        ("OPEN", "forgotten"),
        ("PENDING", "forgotten"),
        ("CLOSED", "set"),
        ("PENDING", "forgotten"),
        ("SOLVED", "set"),
        ("OPEN", "forgotten"),
    ] {
        app.clock_control.advance_ms(1_000);
        seconds += 1;
        let variables = json!({ "id": id, "input": { "status": status } });
        let ticket = app.wrote(&admin, "ticketUpdate", variables).await["ticket"].clone();
        resolved = match becomes {
            "set" => Some(format!("2026-01-01T12:00:{seconds:02}.000Z")),
            "kept" => resolved,
            _ => None,
        };
        assert_eq!(ticket["status"], status);
        assert_eq!(
            ticket["resolvedAt"],
            json!(resolved),
            "{status} after {seconds} seconds"
        );
        assert_eq!(ticket["version"], 1 + seconds);
        assert_eq!(ticket["updatedAt"], format!("2026-01-01T12:00:{seconds:02}.000Z"));
    }
}

async fn absent_fields_are_unchanged(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let agent = app.agent(workspace, "Ada").await;
    let id = app.ticket(&admin, "ann@example.com").await["id"].clone();
    let fields = json!({
        "subject": "Other", "status": "SOLVED", "priority": "URGENT", "assignedTo": agent.id,
        "resolutionType": "refunded", "tags": ["a", "b"],
    });
    let all = app
        .wrote(&admin, "ticketUpdate", json!({ "id": id, "input": fields }))
        .await;
    for (field, value) in fields.as_object().expect("fields") {
        assert_eq!(&all["ticket"][field], value, "{field}");
    }
    let mut before = all["ticket"].clone();
    for (field, value) in [
        ("subject", json!("Again")),
        ("priority", json!("LOW")),
        ("resolutionType", json!("replaced")),
        ("tags", json!(["c"])),
        ("assignedTo", json!(admin.id)),
    ] {
        let mut input = json!({});
        input[field] = value.clone();
        let after = app
            .wrote(&admin, "ticketUpdate", json!({ "id": id, "input": input }))
            .await["ticket"]
            .clone();
        before[field] = value;
        before["version"] = json!(before["version"].as_i64().expect("a number") + 1);
        assert_eq!(after, before, "{field}");
    }
    // Values that were given at creation do not change.
    assert_eq!(
        (&before["customerEmail"], &before["customerName"]),
        (&json!("ann@example.com"), &Value::Null)
    );
}

async fn null_clears_optional_fields_and_is_refused_elsewhere(app: TestApp) {
    let (_, admin) = app.admin().await;
    let id = app.ticket(&admin, "ann@example.com").await["id"].clone();
    let fields = json!({ "assignedTo": admin.id, "resolutionType": "refunded", "tags": ["a"] });
    app.wrote(&admin, "ticketUpdate", json!({ "id": id, "input": fields }))
        .await;
    let nulls = json!({ "assignedTo": null, "resolutionType": null, "tags": null });
    let cleared = app
        .wrote(&admin, "ticketUpdate", json!({ "id": id, "input": nulls }))
        .await;
    let ticket = &cleared["ticket"];
    assert_eq!(
        (&ticket["assignedTo"], &ticket["resolutionType"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(ticket["tags"], json!([]));

    let nulls = json!({ "subject": null, "status": null, "priority": null });
    let refused = app
        .write(&admin, "ticketUpdate", json!({ "id": id, "input": nulls }))
        .await;
    let expected = [
        "REQUIRED input.subject",
        "REQUIRED input.status",
        "REQUIRED input.priority",
    ];
    assert_eq!(refused.errors(), expected);
    assert_eq!((&refused["ticket"], refused.position()), (&Value::Null, None));
}

async fn an_update_without_changes_writes_nothing(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    let events = app.log(workspace).await.len();
    app.clock_control.advance_ms(1_000);
    for input in [
        json!({}),
        json!({ "status": "OPEN", "priority": "MEDIUM", "subject": "Help", "tags": [], "assignedTo": null }),
        json!({ "resolutionType": " " }),
    ] {
        let same = app
            .wrote(
                &admin,
                "ticketUpdate",
                json!({ "id": ticket["id"], "input": input }),
            )
            .await;
        assert_eq!(same["changeCursor"], Value::Null, "{input}");
        assert_eq!(same["ticket"], ticket, "{input}");
    }
    assert_eq!(app.log(workspace).await.len(), events);
}

async fn a_variable_that_was_not_sent_is_absent(app: TestApp) {
    let (_, admin) = app.admin().await;
    let id = app.ticket(&admin, "ann@example.com").await["id"].clone();
    let query = "mutation($id: ID!, $agent: ID, $status: TicketStatus) { ticketUpdate(id: $id, input: { assignedTo: \
                 $agent, status: $status }) { ticket { assignedTo status } userErrors { code } } }";
    let update = async |variables: Value| app.ask(&admin, query, variables).await.at("/ticketUpdate/ticket");
    let set = update(json!({ "id": id, "agent": admin.id })).await;
    assert_eq!(set, json!({ "assignedTo": admin.id, "status": "OPEN" }));
    let kept = update(json!({ "id": id, "status": "PENDING" })).await;
    assert_eq!(kept, json!({ "assignedTo": admin.id, "status": "PENDING" }));
    let cleared = update(json!({ "id": id, "agent": null })).await;
    assert_eq!(cleared, json!({ "assignedTo": null, "status": "PENDING" }));
}

async fn each_invalid_value_is_refused_by_path(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    let agent = entity::AgentId(uuid::Uuid::max()).to_string();
    for (input, expected) in [
        (json!({ "subject": "" }), "REQUIRED input.subject"),
        (json!({ "subject": "x".repeat(501) }), "TOO_LONG input.subject"),
        (json!({ "subject": "\0x" }), "INVALID input.subject"),
        (
            json!({ "resolutionType": "x".repeat(65) }),
            "TOO_LONG input.resolutionType",
        ),
        (json!({ "resolutionType": "\0" }), "INVALID input.resolutionType"),
        (json!({ "tags": ["\0"] }), "INVALID input.tags.0"),
        (json!({ "tags": vec!["x"; 51] }), "TOO_LONG input.tags"),
        (json!({ "assignedTo": agent }), "NOT_FOUND input.assignedTo"),
        (json!({ "assignedTo": ticket["id"] }), "INVALID input.assignedTo"),
        (json!({ "assignedTo": "" }), "INVALID input.assignedTo"),
    ] {
        // Together with a valid change, nothing is changed.
        let mut beside = input.clone();
        beside["status"] = json!("CLOSED");
        let refused = app
            .write(
                &admin,
                "ticketUpdate",
                json!({ "id": ticket["id"], "input": beside }),
            )
            .await;
        assert_eq!(refused.errors(), [expected], "{input}");
    }
    let query = "query($id: ID!) { ticket(id: $id) { status version } }";
    let after = app
        .ask(&admin, query, json!({ "id": ticket["id"] }))
        .await
        .at("/ticket");
    assert_eq!(after, json!({ "status": "OPEN", "version": 1 }));
}

async fn an_update_of_an_unknown_ticket_is_not_found(app: TestApp) {
    let (_, admin) = app.admin().await;
    let ticket = app.ticket(&admin, "ann@example.com").await;
    let none = entity::TicketId(uuid::Uuid::max()).to_string();
    for (id, expected) in [
        (none.as_str(), "NOT_FOUND id"),
        (text(&ticket["conversation"]["id"]), "INVALID id"),
        ("", "INVALID id"),
    ] {
        let refused = app
            .write(
                &admin,
                "ticketUpdate",
                json!({ "id": id, "input": { "status": "SOLVED" } }),
            )
            .await;
        assert_eq!(refused.errors(), [expected], "{id}");
    }
}

on_each_database!(
    resolved_at_is_the_end_of_open_or_pending,
    absent_fields_are_unchanged,
    null_clears_optional_fields_and_is_refused_elsewhere,
    an_update_without_changes_writes_nothing,
    a_variable_that_was_not_sent_is_absent,
    each_invalid_value_is_refused_by_path,
    an_update_of_an_unknown_ticket_is_not_found,
);
