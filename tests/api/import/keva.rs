//! Examples of Keva's documentation, and repeated imports.

use serde_json::{Value, json};

use super::{counts, folder, run};
use crate::support::{TestApp, on_each_database};

/// Objects of Keva's documentation, one per line.
const CUSTOMER: &str = r#"{"id":"cust_abc123","email":"john@acme.com","name":"John Smith","company":"Acme Corp","phone":"+1-555-0100","jobTitle":"CTO","location":"San Francisco, CA","timezone":"America/Los_Angeles","isVip":true,"priorityOverride":"high","tags":["enterprise","early-adopter"],"totalTickets":12,"openTickets":1,"avgResolutionTime":3600,"overallSentiment":"positive","sentimentTrend":"improving","firstTicketAt":"2023-06-15T10:00:00Z","lastTicketAt":"2024-01-14T15:30:00Z","salesforceContactId":"003ABC123","hubspotContactId":"12345","createdAt":"2023-06-15T10:00:00Z","updatedAt":"2024-01-14T15:30:00Z"}"#;
const TICKET: &str = r#"{"id":"tkt_abc123","subject":"Cannot access my account","status":"open","priority":"high","customerEmail":"customer@example.com","customerName":"John Doe","source":"email","assignedTo":null,"resolutionType":null,"tags":["login","urgent"],"createdAt":"2024-01-15T10:30:00Z","updatedAt":"2024-01-15T10:30:00Z"}"#;
const MESSAGES: &str = r#"{"id":"msg_001","ticketId":"tkt_abc123","direction":"inbound","senderEmail":"customer@example.com","senderName":"John Doe","body":"I need help with my order","createdAt":"2024-01-15T10:30:00Z"}
{"id":"msg_002","ticketId":"tkt_abc123","direction":"outbound","senderEmail":"support@company.com","body":"Happy to help! Let me look into this.","createdAt":"2024-01-15T10:31:00Z"}
"#;

const EVERYTHING: &str = "{
    customers(orderBy: { field: EMAIL, direction: DESC }) { nodes {
        email name company phone jobTitle location timezone isVip priorityOverride tags totalTickets openTickets
        avgResolutionTime firstTicketAt lastTicketAt salesforceContactId hubspotContactId createdAt updatedAt version } }
    tickets { nodes { subject status priority customerEmail customerName source assignedTo resolutionType tags resolvedAt
        createdAt updatedAt messageCount lastMessageAt version customer { email } conversation { name channel createdAt }
        messages { nodes { direction senderEmail senderName body createdAt sender { __typename } } } } }
}";

async fn the_documented_objects_are_imported_completely(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let files = folder(CUSTOMER, TICKET, MESSAGES);
    let report = run(&app, workspace, files.path()).await;
    let expected = [
        ("customers.ndjson", [1, 0, 0, 0]),
        ("tickets.ndjson", [1, 0, 0, 0]),
        ("messages.ndjson", [2, 0, 0, 0]),
    ];
    assert_eq!(counts(&report), expected);
    assert!(report.files.iter().all(|file| file.unknown_fields.is_empty()));
    let seen = app.ask(&admin, EVERYTHING, json!({})).await.data();
    assert_eq!(
        seen["customers"]["nodes"],
        json!([
            {
                "email": "john@acme.com", "name": "John Smith", "company": "Acme Corp", "phone": "+1-555-0100",
                "jobTitle": "CTO", "location": "San Francisco, CA", "timezone": "America/Los_Angeles", "isVip": true,
                "priorityOverride": "HIGH", "tags": ["enterprise", "early-adopter"],
                // Computed from the imported data. The values in the file are ignored.
                "totalTickets": 0, "openTickets": 0, "avgResolutionTime": null, "firstTicketAt": null, "lastTicketAt": null,
                "salesforceContactId": "003ABC123", "hubspotContactId": "12345",
                "createdAt": "2023-06-15T10:00:00.000Z", "updatedAt": "2024-01-14T15:30:00.000Z", "version": 1,
            },
            {
                "email": "customer@example.com", "name": "John Doe", "company": null, "phone": null, "jobTitle": null,
                "location": null, "timezone": null, "isVip": false, "priorityOverride": null, "tags": [],
                "totalTickets": 1, "openTickets": 1, "avgResolutionTime": null,
                "firstTicketAt": "2024-01-15T10:30:00.000Z", "lastTicketAt": "2024-01-15T10:30:00.000Z",
                "salesforceContactId": null, "hubspotContactId": null, "createdAt": "2024-01-15T10:30:00.000Z",
                "updatedAt": "2024-01-15T10:30:00.000Z", "version": 1,
            },
        ])
    );
    let at = "2024-01-15T10:30:00.000Z";
    assert_eq!(
        seen["tickets"]["nodes"],
        json!([{
            "subject": "Cannot access my account", "status": "OPEN", "priority": "HIGH",
            "customerEmail": "customer@example.com", "customerName": "John Doe", "source": "email", "assignedTo": null,
            "resolutionType": null, "tags": ["login", "urgent"], "resolvedAt": null, "createdAt": at, "updatedAt": at,
            "messageCount": 2, "lastMessageAt": "2024-01-15T10:31:00.000Z", "version": 1,
            "customer": { "email": "customer@example.com" },
            "conversation": { "name": "Cannot access my account", "channel": "email", "createdAt": at },
            "messages": { "nodes": [
                {
                    "direction": "INBOUND", "senderEmail": "customer@example.com", "senderName": "John Doe",
                    "body": "I need help with my order", "createdAt": at, "sender": { "__typename": "Customer" },
                },
                {
                    "direction": "OUTBOUND", "senderEmail": "support@company.com", "senderName": null,
                    "body": "Happy to help! Let me look into this.", "createdAt": "2024-01-15T10:31:00.000Z", "sender": null,
                },
            ] },
        }])
    );
}

async fn a_second_run_changes_nothing(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let files = folder(CUSTOMER, TICKET, MESSAGES);
    run(&app, workspace, files.path()).await;
    let events = app.log(workspace).await;
    let before = app.ask(&admin, EVERYTHING, json!({})).await.data();
    app.clock_control.advance_ms(1_000);
    let report = run(&app, workspace, files.path()).await;
    let expected = [
        ("customers.ndjson", [0, 0, 1, 0]),
        ("tickets.ndjson", [0, 0, 1, 0]),
        ("messages.ndjson", [0, 0, 2, 0]),
    ];
    assert_eq!(counts(&report), expected);
    assert_eq!(app.log(workspace).await, events);
    assert_eq!(app.ask(&admin, EVERYTHING, json!({})).await.data(), before);
}

async fn a_changed_line_updates_its_object(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    run(&app, workspace, folder(CUSTOMER, TICKET, MESSAGES).path()).await;
    let events = app.log(workspace).await.len();
    let customer = CUSTOMER
        .replace("John Smith", "John J. Smith")
        .replace("\"location\":\"San Francisco, CA\"", "\"location\":null")
        .replace("2024-01-14T15:30:00Z", "2024-02-01T00:00:00Z");
    let ticket = TICKET
        .replace("\"open\"", "\"solved\"")
        .replace("\"resolutionType\":null", "\"resolutionType\":\"refunded\"")
        .replace(
            "\"updatedAt\":\"2024-01-15T10:30:00Z\"",
            "\"updatedAt\":\"2024-01-15T11:30:00Z\"",
        );
    let files = folder(&customer, &ticket, MESSAGES);
    let report = run(&app, workspace, files.path()).await;
    let expected = [
        ("customers.ndjson", [0, 1, 0, 0]),
        ("tickets.ndjson", [0, 1, 0, 0]),
        ("messages.ndjson", [0, 0, 2, 0]),
    ];
    assert_eq!(counts(&report), expected);
    assert_eq!(app.log(workspace).await.len(), events + 2);
    let seen = app.ask(&admin, EVERYTHING, json!({})).await.data();
    let john = &seen["customers"]["nodes"][0];
    assert_eq!(
        (&john["name"], &john["location"], &john["version"]),
        (&json!("John J. Smith"), &Value::Null, &json!(2))
    );
    assert_eq!(john["updatedAt"], "2024-02-01T00:00:00.000Z");
    let ticket = &seen["tickets"]["nodes"][0];
    assert_eq!(
        (&ticket["status"], &ticket["resolutionType"]),
        (&json!("SOLVED"), &json!("refunded"))
    );
    // Keva does not provide the time of resolution, so the time of the last change is used.
    assert_eq!(ticket["resolvedAt"], "2024-01-15T11:30:00.000Z");
    let owner = &seen["customers"]["nodes"][1];
    assert_eq!(
        (&owner["openTickets"], &owner["avgResolutionTime"]),
        (&json!(0), &json!(3600))
    );
    // A repeated run changes nothing either.
    run(&app, workspace, files.path()).await;
    assert_eq!(app.log(workspace).await.len(), events + 2);
}

async fn an_existing_customer_is_matched_by_email(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let john = app.customer(workspace, "JOHN@acme.com").await.id;
    let report = run(&app, workspace, folder(CUSTOMER, "", "").path()).await;
    assert_eq!(counts(&report)[0], ("customers.ndjson", [0, 1, 0, 0]));
    let query = "query($id: ID!) { customer(id: $id) { name version } customers { totalCount } }";
    let seen = app.ask(&admin, query, json!({ "id": john })).await.data();
    let expected =
        json!({ "customer": { "name": "John Smith", "version": 2 }, "customers": { "totalCount": 1 } });
    assert_eq!(seen, expected);
}

async fn an_assignee_is_matched_by_email_or_id(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ada = app.agent(workspace, "Ada").await;
    let with = |id: &str, agent: &str| {
        TICKET
            .replace("tkt_abc123", id)
            .replace("\"assignedTo\":null", &format!("\"assignedTo\":{agent}"))
    };
    let lines = [
        with("tkt_1", "\"ADA@agents.example.com\""),
        with("tkt_2", "\"user_42\""),
        with("tkt_3", "\"user_42\""),
        with("tkt_4", "\"new@agents.example.com\""),
        with("tkt_5", "\"\""),
    ];
    let report = run(&app, workspace, folder("", &lines.join("\n"), "").path()).await;
    assert_eq!(counts(&report)[1], ("tickets.ndjson", [5, 0, 0, 0]));
    let query = "{ tickets { nodes { assignee { id email name } } } agents { totalCount } }";
    let seen = app.ask(&admin, query, json!({})).await.data();
    let assignees: Vec<&Value> = seen["tickets"]["nodes"]
        .as_array()
        .expect("tickets")
        .iter()
        .map(|one| &one["assignee"])
        .collect();
    let with = |email: &str| assignees.iter().filter(|one| one["email"] == email).count();
    assert_eq!(with("ada@agents.example.com"), 1);
    assert!(assignees.iter().any(|one| one["id"] == ada.id));
    let named = |name: &str| assignees.iter().filter(|one| one["name"] == name).count();
    assert_eq!((named("user_42"), with("new@agents.example.com")), (2, 1));
    assert_eq!(assignees.iter().filter(|one| one.is_null()).count(), 1);
    // The admin, Ada, the agent that was found by id, and the new one.
    assert_eq!(seen["agents"]["totalCount"], 4);
}

async fn a_duplicate_id_is_reported_and_its_line_ignored(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let other = TICKET.replace("\"status\":\"open\"", "\"status\":\"closed\"");
    let files = folder("", &format!("{TICKET}\n{other}"), "");
    assert_eq!(
        counts(&run(&app, workspace, files.path()).await)[1],
        ("tickets.ndjson", [1, 0, 0, 1])
    );
    assert_eq!(
        counts(&run(&app, workspace, files.path()).await)[1],
        ("tickets.ndjson", [0, 0, 1, 1])
    );
}

async fn a_released_email_can_be_imported_again(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let with =
        |id: &str, email: &str, name: &str| json!({ "id": id, "email": email, "name": name }).to_string();
    let first = with("c1", "a@example.com", "One");
    run(&app, workspace, folder(&first, "", "").path()).await;
    let moved = [
        with("c1", "b@example.com", "One"),
        with("c2", "a@example.com", "Two"),
    ]
    .join("\n");
    let report = run(&app, workspace, folder(&moved, "", "").path()).await;
    assert_eq!(counts(&report)[0], ("customers.ndjson", [1, 1, 0, 0]));
    let query = "{ customers(orderBy: { field: EMAIL, direction: ASC }) { nodes { email name } } }";
    let seen = app.ask(&admin, query, json!({})).await.at("/customers/nodes");
    assert_eq!(
        seen,
        json!([{ "email": "a@example.com", "name": "Two" }, { "email": "b@example.com", "name": "One" }])
    );
}

async fn an_agent_is_matched_by_its_external_id(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let ticket = TICKET.replace("\"assignedTo\":null", "\"assignedTo\":\"agt_7\"");
    let files = folder("", &ticket, "");
    let agent = r#"{"id":"agt_7","name":"Ada Berg","email":"ada@example.com","role":"agent"}"#;
    std::fs::write(files.path().join("agents.ndjson"), agent).expect("written");
    run(&app, workspace, files.path()).await;
    let query = "{ tickets { nodes { assignee { name email } } } }";
    let seen = app
        .ask(&admin, query, json!({}))
        .await
        .at("/tickets/nodes/0/assignee");
    assert_eq!(seen, json!({ "name": "Ada Berg", "email": "ada@example.com" }));
}

async fn two_workspaces_can_import_the_same_files(app: TestApp) {
    let files = folder(CUSTOMER, TICKET, MESSAGES);
    for name in ["One", "Two"] {
        let workspace = app.workspace(name).await;
        let report = run(&app, workspace, files.path()).await;
        assert_eq!(counts(&report)[0], ("customers.ndjson", [1, 0, 0, 0]));
        assert_eq!(counts(&report)[2], ("messages.ndjson", [2, 0, 0, 0]));
    }
}

on_each_database!(
    the_documented_objects_are_imported_completely,
    a_second_run_changes_nothing,
    a_changed_line_updates_its_object,
    an_existing_customer_is_matched_by_email,
    an_assignee_is_matched_by_email_or_id,
    a_duplicate_id_is_reported_and_its_line_ignored,
    a_released_email_can_be_imported_again,
    an_agent_is_matched_by_its_external_id,
    two_workspaces_can_import_the_same_files,
);
