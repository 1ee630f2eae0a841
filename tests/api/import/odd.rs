//! Records with an invalid value: the value is omitted or corrected, which is reported, and the record is imported.

use deskgraph::import::KUSTOMER;
use serde_json::{Value, json};

use super::{counts, faults, files, folder, left_out, run, run_of};
use crate::support::{TestApp, on_each_database};

const CUSTOMER: &str = r#"{"id":"c0","email":"ann@example.com","name":"Ann"}"#;

fn lines(values: &[Value]) -> String {
    values.iter().map(|value| format!("{value}\n")).collect()
}

fn set_of(list: &[&str]) -> std::collections::BTreeSet<String> {
    list.iter().map(ToString::to_string).collect()
}

async fn customers_are_imported_without_invalid_values(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let customers = lines(&[
        json!({ "id": "c1", "email": "not one", "name": "x".repeat(301), "phone": "1".repeat(65) }),
        json!({ "id": "c2", "email": " <mailto:ben@example.com>\n", "timezone": "Mars/Olympus", "isVip": "maybe" }),
        json!({ "id": "c3", "email": "BEN@example.com", "timezone": "Bern", "tags": ["a", "", "b".repeat(70)] }),
        json!({ "id": 4, "email": "dan@example.com", "priorityOverride": "HIGH", "createdAt": "2024-01-15 10:30:00" }),
        json!({ "id": "c5", "email": "", "createdAt": "yesterday", "name": "a\0b", "company": "  " }),
        json!({ "id": null, "email": "eve@example.com" }),
    ]);
    let files = folder(&customers, "", "");
    for again in [false, true] {
        let report = run(&app, workspace, files.path()).await;
        let expected = if again { [0, 0, 5, 1] } else { [5, 0, 0, 1] };
        assert_eq!(counts(&report)[0], ("customers.ndjson", expected), "{report}");
        assert_eq!(faults(&report, "customers.ndjson"), set_of(&["6 id"]));
        let expected = set_of(&[
            "1 email",
            "1 name",
            "1 phone",
            "2 timezone",
            "2 isVip",
            "3 email",
            "3 tags.2",
            "5 email",
            "5 createdAt",
            "5 name",
        ]);
        assert_eq!(left_out(&report, "customers.ndjson"), expected, "{report}");
    }
    let query =
        "{ customers { nodes { name email phone timezone tags priorityOverride createdAt company } } }";
    let seen = app.ask(&admin, query, json!({})).await.at("/customers/nodes");
    let with = |field: &str, value: &Value| {
        let mut nodes = seen.as_array().expect("nodes").iter();
        nodes
            .find(|one| one[field] == *value)
            .cloned()
            .unwrap_or_default()
    };
    assert_eq!(with("name", &json!("x".repeat(300)))["phone"], json!(null));
    assert_eq!(with("email", &json!("ben@example.com"))["timezone"], json!(null));
    let zurich = with("timezone", &json!("Europe/Zurich"));
    assert_eq!(
        (&zurich["email"], &zurich["tags"]),
        (&json!(null), &json!(["a", "b".repeat(64)]))
    );
    let dan = with("email", &json!("dan@example.com"));
    assert_eq!(
        (&dan["priorityOverride"], &dan["createdAt"]),
        (&json!("HIGH"), &json!("2024-01-15T10:30:00.000Z"))
    );
    assert_eq!(with("name", &json!("ab"))["company"], json!(null));
}

async fn an_invalid_value_does_not_change_its_field(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let fine = json!({ "id": "c1", "email": "ann@example.com", "timezone": "UTC", "tags": ["a"] });
    let odd = json!({ "id": "c1", "email": "ann", "timezone": "Mars", "tags": 7, "company": "Acme" });
    run(&app, workspace, folder(&fine.to_string(), "", "").path()).await;
    let report = run(&app, workspace, folder(&odd.to_string(), "", "").path()).await;
    assert_eq!(counts(&report)[0].1, [0, 1, 0, 0], "{report}");
    let query = "{ customers { nodes { email timezone tags company } } }";
    let seen = app.ask(&admin, query, json!({})).await.at("/customers/nodes/0");
    let expected = json!({ "email": "ann@example.com", "timezone": "UTC", "tags": ["a"], "company": "Acme" });
    assert_eq!(seen, expected);
}

fn odd_tickets() -> String {
    let ticket = |id: &str, more: Value| {
        let mut value = json!({ "id": id, "subject": "Help", "customerEmail": "ann@example.com" });
        value
            .as_object_mut()
            .expect("fields")
            .extend(more.as_object().expect("fields").clone());
        value
    };
    lines(&[
        ticket(
            "t1",
            json!({ "subject": " ", "status": "waiting", "priority": "huge" }),
        ),
        ticket(
            "t2",
            json!({ "subject": "x".repeat(501), "source": "y".repeat(65), "assignedTo": 7.5 }),
        ),
        ticket("t3", json!({ "customerEmail": "", "customerId": "c0" })),
        ticket("t4", json!({ "customerEmail": "" })),
        ticket("t5", json!({ "customerEmail": "ann", "customerId": "unknown" })),
        ticket(
            "t6",
            json!({
                "createdAt": "2024-01-02", "resolvedAt": "2024-01-01", "updatedAt": "2024-01-01", "status": "SOLVED",
            }),
        ),
    ])
}

fn odd_messages() -> String {
    let message = |id: &str, ticket: &str, more: Value| {
        let mut value =
            json!({ "id": id, "ticketId": ticket, "senderEmail": "ann@example.com", "body": "Hi" });
        value
            .as_object_mut()
            .expect("fields")
            .extend(more.as_object().expect("fields").clone());
        value
    };
    let html = "<p>See <b>the</b></p><p>picture.</p>";
    lines(&[
        message("m1", "t1", json!({ "body": null, "bodyHtml": html })),
        message("m2", "t1", json!({ "body": "\r\n" })),
        message(
            "m3",
            "t1",
            json!({ "senderEmail": "", "senderName": "MAILER-DAEMON" }),
        ),
        message(
            "m4",
            "t1",
            json!({ "body": "\u{e9}".repeat(300 << 10), "direction": "sideways" }),
        ),
        message("m5", "t1", json!({ "bodyHtml": "x".repeat(300 << 10) })),
        message("m6", "t4", json!({})),
        message("m7", "t9", json!({})),
    ])
}

async fn tickets_and_messages_are_imported_without_invalid_values(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let (tickets, messages) = (odd_tickets(), odd_messages());
    let files = folder(CUSTOMER, &tickets, &messages);
    let report = run(&app, workspace, files.path()).await;
    assert_eq!(counts(&report)[1], ("tickets.ndjson", [4, 0, 0, 2]), "{report}");
    assert_eq!(counts(&report)[2], ("messages.ndjson", [5, 0, 0, 2]), "{report}");
    let expected = set_of(&[
        "1 subject",
        "1 status",
        "1 priority",
        "2 subject",
        "2 source",
        "2 assignedTo",
        "3 customerEmail",
        "5 customerEmail",
        "6 resolvedAt",
        "6 updatedAt",
    ]);
    assert_eq!(left_out(&report, "tickets.ndjson"), expected, "{report}");
    let expected = set_of(&[
        "1 body",
        "2 body",
        "3 senderEmail",
        "4 body",
        "4 direction",
        "5 bodyHtml",
    ]);
    assert_eq!(left_out(&report, "messages.ndjson"), expected, "{report}");
    let text = report.to_string();
    for reason in [
        "tickets.ndjson:5: customerId: The customer \"unknown\" does not exist.",
        "messages.ndjson:6: ticketId: The ticket \"t4\" was rejected: tickets.ndjson:4: customerEmail: This value and customerId are both missing.",
        "messages.ndjson:7: ticketId: The ticket \"t9\" does not exist.",
    ] {
        assert!(text.contains(reason), "{text}");
    }
    let query =
        "{ tickets { nodes { subject status customerEmail messages { nodes { body senderName } } } } }";
    let seen = app.ask(&admin, query, json!({})).await.at("/tickets/nodes");
    let one = seen
        .as_array()
        .expect("tickets")
        .iter()
        .find(|one| one["subject"] == "(no subject)");
    let one = one.expect("the ticket");
    assert_eq!(one["status"], "OPEN");
    let bodies: Vec<&str> = one["messages"]["nodes"]
        .as_array()
        .expect("messages")
        .iter()
        .map(|one| one["body"].as_str().expect("a text"))
        .collect();
    assert_eq!(bodies.len(), 5);
    assert!(
        bodies.contains(&"See the\npicture.") && bodies.contains(&""),
        "{bodies:?}"
    );
    assert!(
        bodies
            .iter()
            .any(|body| body.len() > 200_000 && body.ends_with('\u{e9}'))
    );
}

async fn an_existing_message_is_not_changed(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ticket = json!({ "id": "t1", "subject": "Help", "customerId": "c0" }).to_string();
    let message = |html: &str| {
        let blank = json!({ "id": "m1", "ticketId": "t1", "body": " ", "bodyHtml": html });
        lines(&[blank.clone(), blank])
    };
    for (html, expected, told) in [
        (
            "<p>One</p>",
            [1, 0, 0, 1],
            "The text of bodyHtml is used instead.",
        ),
        ("<p>Two</p>", [0, 0, 1, 1], "The existing message is not changed."),
    ] {
        let files = folder(CUSTOMER, &ticket, &message(html));
        let report = run(&app, workspace, files.path()).await;
        assert_eq!(counts(&report)[2], ("messages.ndjson", expected), "{report}");
        let told = format!("messages.ndjson:1: body: The value is blank. {told}");
        assert!(report.to_string().contains(&told), "{report}");
        let query = "{ tickets { nodes { messages { nodes { body bodyHtml } } } } }";
        let seen = app.ask(&admin, query, json!({})).await;
        let expected = json!([{ "body": "One", "bodyHtml": "<p>One</p>" }]);
        assert_eq!(seen.at("/tickets/nodes/0/messages/nodes"), expected);
    }
}

async fn only_invalid_entries_of_lists_are_left_out(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let emails = json!([{ "email": "a@example.com" }, { "email": 7.5 }, 7, { "email": "A@example.com" }, {}]);
    let attributes = json!({
        "name": "Ann", "emails": emails, "phones": [{ "phone": "1" }, { "phone": "1" }, { "type": "home" }],
        "signedUpAt": 7, "custom": { "plan": "pro", "": 1 }, "externalId": "o1",
    });
    let other = json!({
        "name": "Ben", "emails": [{ "email": "a@example.com" }, { "email": "b@example.com" }], "externalId": "o1",
    });
    let customers = lines(&[
        json!({ "type": "customer", "id": "k1", "attributes": attributes }),
        json!({ "type": "customer", "id": "k2", "attributes": other }),
        json!({ "type": "customer", "id": "k3", "attributes": 7 }),
    ]);
    let conversations = lines(&[
        json!({ "type": "conversation", "id": "v1", "attributes": { "customer": "k2", "status": "parked", "tags": "x",
            "channel": "y".repeat(70), "externalId": "o1" } }),
        json!({ "type": "conversation", "id": "v2", "attributes": { "customer": "k2", "externalId": "o1" },
            "relationships": { "assignedUsers": { "data": [{ "id": "u1" }, {}] }, "queue": { "data": [] } } }),
        json!({ "type": "conversation", "id": "v3", "attributes": { "customer": "k3" } }),
    ]);
    let files = files(&[
        ("customers.ndjson", &customers),
        ("conversations.ndjson", &conversations),
    ]);
    let report = run_of(&app, workspace, &KUSTOMER, files.path()).await;
    assert_eq!(counts(&report)[0], ("customers.ndjson", [2, 0, 0, 1]), "{report}");
    assert_eq!(
        counts(&report)[1],
        ("conversations.ndjson", [2, 0, 0, 1]),
        "{report}"
    );
    let expected = set_of(&[
        "1 attributes.emails.1.email",
        "1 attributes.emails.2",
        "1 attributes.emails.3.email",
        "1 attributes.emails.4.email",
        "1 attributes.phones.1.phone",
        "1 attributes.phones.2.phone",
        "1 attributes.signedUpAt",
        "1 attributes.custom.",
        "2 attributes.emails.0.email",
        "2 attributes.externalId",
    ]);
    assert_eq!(left_out(&report, "customers.ndjson"), expected, "{report}");
    let expected = set_of(&[
        "1 attributes.status",
        "1 attributes.tags",
        "1 attributes.channel",
        "2 attributes.externalId",
        "2 relationships.assignedUsers.data.1.id",
        "2 relationships.queue.data",
    ]);
    assert_eq!(left_out(&report, "conversations.ndjson"), expected, "{report}");
    let reason = "conversations.ndjson:3: attributes.customer: The customer \"k3\" was rejected: \
                  customers.ndjson:3: attributes: The value is not a JSON object.";
    assert!(report.to_string().contains(reason), "{report}");
    let query = "{ customerByEmail(email: \"b@example.com\") { name email externalId } }";
    let seen = app.ask(&admin, query, json!({})).await.at("/customerByEmail");
    assert_eq!(
        seen,
        json!({ "name": "Ben", "email": "b@example.com", "externalId": null })
    );
}

async fn an_invalid_enum_value_keeps_the_stored_one(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let customer = r#"{"id":"c1","email":"ann@example.com"}"#;
    let ticket = |status: &str, priority: &str| {
        format!(
            r#"{{"id":"t1","subject":"Help","customerEmail":"ann@example.com","status":"{status}","priority":"{priority}"}}"#
        )
    };
    for (status, priority) in [("solved", "urgent"), ("waiting", "huge")] {
        let files = folder(customer, &ticket(status, priority), "");
        run(&app, workspace, files.path()).await;
        let seen = app
            .ask(&admin, "{ tickets { nodes { status priority } } }", json!({}))
            .await;
        let expected = json!([{ "status": "SOLVED", "priority": "URGENT" }]);
        assert_eq!(seen.at("/tickets/nodes"), expected, "{status}");
    }
}

async fn an_existing_ticket_keeps_fields_that_are_absent(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ticket = |more: Value| {
        let mut ticket = json!({ "id": "t1", "customerId": "c0" });
        for (name, value) in more.as_object().expect("fields") {
            ticket[name] = value.clone();
        }
        folder(CUSTOMER, &lines(&[ticket]), "")
    };
    let full = json!({
        "subject": "Lamp", "assignedTo": "mia@example.com", "resolutionType": "refund", "tags": ["a", "b"],
    });
    let query = "{ tickets { nodes { subject assignedTo resolutionType tags version } } }";
    let seen = async || app.ask(&admin, query, json!({})).await.at("/tickets/nodes/0");
    run(&app, workspace, ticket(full).path()).await;
    let before = seen().await;
    assert_eq!(before["tags"], json!(["a", "b"]));
    for odd in [
        json!({ "assignedTo": "x".repeat(400), "resolutionType": 1.5, "tags": [7.5] }),
        json!({ "subject": "  ", "tags": "none" }),
        json!({}),
    ] {
        run(&app, workspace, ticket(odd).path()).await;
        assert_eq!(seen().await, before);
    }
    let cleared = json!({ "subject": "Lamp", "assignedTo": null, "resolutionType": null, "tags": [] });
    run(&app, workspace, ticket(cleared).path()).await;
    assert_eq!(
        seen().await,
        json!({ "subject": "Lamp", "assignedTo": null, "resolutionType": null, "tags": [], "version": 2 })
    );
}

on_each_database!(
    an_existing_ticket_keeps_fields_that_are_absent,
    an_existing_message_is_not_changed,
    an_invalid_enum_value_keeps_the_stored_one,
    customers_are_imported_without_invalid_values,
    an_invalid_value_does_not_change_its_field,
    tickets_and_messages_are_imported_without_invalid_values,
    only_invalid_entries_of_lists_are_left_out,
);
