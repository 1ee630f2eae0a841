//! Unusable lines are reported with file, line, field and reason, and the other lines are imported. A strict import
//! rejects every line with an invalid value.

use std::cell::Cell;

use deskgraph::{
    auth::Viewer,
    import::{self, Input, KEVA},
    service::import::Source,
};
use serde_json::{Value, json};

use super::{counts, faults, folder, run, run_strict};
use crate::support::{TestApp, on_each_database};

const CUSTOMER: &str = r#"{"id":"c0","email":"ann@example.com","name":"Ann"}"#;
const TICKET: &str = r#"{"id":"t0","subject":"Help","customerEmail":"ann@example.com"}"#;
const MESSAGE: &str = r#"{"id":"m0","ticketId":"t0","senderEmail":"ann@example.com","body":"Please."}"#;

/// Returns a valid line with some fields replaced. Fields with the value `absent` are removed.
fn line(good: &str, id: &str, other: &Value) -> String {
    let mut line: Value = serde_json::from_str(good).expect("JSON");
    line["id"] = json!(id);
    for (field, value) in other.as_object().expect("fields") {
        line[field] = value.clone();
        if value == "absent" {
            line.as_object_mut().expect("fields").remove(field);
        }
    }
    line.to_string()
}

/// Returns a function that creates such lines, each with its own id.
fn numbered<'a>(good: &'a str, prefix: &'a str) -> impl Fn(Value) -> String + 'a {
    let count = Cell::new(0);
    move |other| {
        count.set(count.get() + 1);
        line(good, &format!("{prefix}{}", count.get()), &other)
    }
}

/// Imports lines with one error each and a valid line, and checks the reported errors in the form `LINE FIELD`.
async fn assert_reported(app: &TestApp, file: usize, good: &str, cases: &[(String, &[&str])]) {
    let (workspace, _) = app.admin().await;
    let mut lines: Vec<&str> = cases.iter().map(|(line, _)| line.as_str()).collect();
    lines.push(good);
    let text = lines.join("\n");
    let mut files = [CUSTOMER.to_owned(), TICKET.to_owned(), String::new()];
    files[file] = text;
    let [customers, tickets, messages] = files;
    let files = folder(&customers, &tickets, &messages);
    let expected: Vec<String> = (1..)
        .zip(cases)
        .flat_map(|(number, (_, fields))| fields.iter().map(move |field| format!("{number} {field}")))
        .collect();
    for again in [false, true] {
        let report = run_strict(app, workspace, &KEVA, files.path()).await;
        let (name, counts) = counts(&report)[file];
        let failed = cases.len() as u64;
        assert_eq!(
            counts,
            if again {
                [0, 0, 1, failed]
            } else {
                [1, 0, 0, failed]
            },
            "{report}"
        );
        assert_eq!(
            faults(&report, name),
            expected.iter().cloned().collect(),
            "{report}"
        );
        assert_eq!(report.failed(), failed);
        assert!(
            report
                .files
                .iter()
                .flat_map(|file| &file.faults)
                .all(|fault| !fault.reason.is_empty())
        );
        assert!(report.to_string().contains(&format!("{name}:1: ")));
    }
}

async fn invalid_customers_are_reported(app: TestApp) {
    let wrong = numbered(CUSTOMER, "c");
    let cases: Vec<(String, &[&str])> = vec![
        (r#"{"id":"c1","email":"ben@exam"#.to_owned(), &[""]),
        ("[1, 2]".to_owned(), &[""]),
        ("null".to_owned(), &[""]),
        (wrong(json!({ "email": "absent" })), &["email"]),
        (wrong(json!({ "email": null })), &["email"]),
        (wrong(json!({ "email": 7 })), &["email"]),
        (wrong(json!({ "email": "nobody" })), &["email"]),
        (wrong(json!({ "email": "" })), &["email"]),
        (wrong(json!({ "email": "b\0@example.com" })), &["email"]),
        (wrong(json!({ "id": "absent" })), &["id"]),
        (wrong(json!({ "id": " " })), &["id"]),
        (wrong(json!({ "id": 7 })), &["id"]),
        (wrong(json!({ "id": "c\0" })), &["id"]),
        (wrong(json!({ "id": "x".repeat(256) })), &["id"]),
        (wrong(json!({ "timezone": "Mars/Olympus" })), &["timezone"]),
        (wrong(json!({ "isVip": "yes" })), &["isVip"]),
        (
            wrong(json!({ "priorityOverride": "huge" })),
            &["priorityOverride"],
        ),
        (wrong(json!({ "tags": "a" })), &["tags"]),
        (wrong(json!({ "tags": [7] })), &["tags"]),
        (wrong(json!({ "tags": ["a\0"] })), &["tags"]),
        (wrong(json!({ "name": "a\0" })), &["name"]),
        (wrong(json!({ "name": "x".repeat(301) })), &["name"]),
        (wrong(json!({ "internalNotes": "\0" })), &["internalNotes"]),
        (wrong(json!({ "createdAt": "yesterday" })), &["createdAt"]),
        (wrong(json!({ "updatedAt": 7 })), &["updatedAt"]),
        (
            wrong(json!({ "email": 7, "isVip": 7, "id": null })),
            &["email", "id", "isVip"],
        ),
    ];
    assert_reported(&app, 0, CUSTOMER, &cases).await;
}

async fn invalid_tickets_are_reported(app: TestApp) {
    let wrong = numbered(TICKET, "t");
    let cases: Vec<(String, &[&str])> = vec![
        (r#"{"id":"t1","subject":"He"#.to_owned(), &[""]),
        (wrong(json!({ "id": null })), &["id"]),
        (wrong(json!({ "id": "t\0" })), &["id"]),
        (wrong(json!({ "subject": "absent" })), &["subject"]),
        (wrong(json!({ "subject": " " })), &["subject"]),
        (wrong(json!({ "subject": "a\0" })), &["subject"]),
        (wrong(json!({ "subject": "x".repeat(501) })), &["subject"]),
        (wrong(json!({ "status": "waiting" })), &["status"]),
        (wrong(json!({ "status": "OPEN" })), &["status"]),
        (wrong(json!({ "status": 1 })), &["status"]),
        (wrong(json!({ "priority": "huge" })), &["priority"]),
        (wrong(json!({ "customerEmail": "absent" })), &["customerEmail"]),
        (wrong(json!({ "customerEmail": "nobody" })), &["customerEmail"]),
        (
            wrong(json!({ "customerEmail": "a\0@example.com" })),
            &["customerEmail"],
        ),
        (wrong(json!({ "customerName": "a\0" })), &["customerName"]),
        (wrong(json!({ "customerId": "c\0" })), &["customerId"]),
        (wrong(json!({ "source": "x".repeat(65) })), &["source"]),
        (wrong(json!({ "source": "\0" })), &["source"]),
        (wrong(json!({ "assignedTo": "user\0" })), &["assignedTo"]),
        (wrong(json!({ "assignedTo": 7 })), &["assignedTo"]),
        (wrong(json!({ "assignedTo": "x".repeat(301) })), &["assignedTo"]),
        (
            wrong(json!({ "resolutionType": "x".repeat(65) })),
            &["resolutionType"],
        ),
        (wrong(json!({ "resolutionType": "\0" })), &["resolutionType"]),
        (wrong(json!({ "tags": ["a", ""] })), &["tags.1"]),
        (
            wrong(
                json!({ "status": "solved", "createdAt": "2024-01-02T00:00:00Z", "resolvedAt": "2024-01-01T00:00:00Z" }),
            ),
            &["resolvedAt"],
        ),
    ];
    assert_reported(&app, 1, TICKET, &cases).await;
}

async fn invalid_messages_are_reported(app: TestApp) {
    let wrong = numbered(MESSAGE, "m");
    let cases: Vec<(String, &[&str])> = vec![
        (r#"{"id":"m1","ticketId":"t0""#.to_owned(), &[""]),
        (
            format!("{{\"id\":\"m1\",\"body\":\"{}\"}}", "x".repeat(9 << 20)),
            &[""],
        ),
        (wrong(json!({ "id": "absent" })), &["id"]),
        (wrong(json!({ "id": "m\0" })), &["id"]),
        (wrong(json!({ "ticketId": "absent" })), &["ticketId"]),
        (wrong(json!({ "ticketId": "unknown" })), &["ticketId"]),
        (wrong(json!({ "ticketId": "t\0" })), &["ticketId"]),
        (wrong(json!({ "direction": "sideways" })), &["direction"]),
        (wrong(json!({ "senderEmail": "absent" })), &["senderEmail"]),
        (wrong(json!({ "senderEmail": "nobody" })), &["senderEmail"]),
        (
            wrong(json!({ "senderEmail": "a\0@example.com" })),
            &["senderEmail"],
        ),
        (
            wrong(json!({ "senderEmail": "a\0@example.com", "direction": "outbound" })),
            &["senderEmail"],
        ),
        (wrong(json!({ "senderName": "\0" })), &["senderName"]),
        (wrong(json!({ "body": "absent" })), &["body"]),
        (wrong(json!({ "body": "" })), &["body"]),
        (wrong(json!({ "body": "a\0" })), &["body"]),
        (wrong(json!({ "body": "x".repeat(300 << 10) })), &["body"]),
        (wrong(json!({ "bodyHtml": "<p>\0</p>" })), &["bodyHtml"]),
        (
            wrong(json!({ "createdAt": "2024-13-01T00:00:00Z" })),
            &["createdAt"],
        ),
        (
            wrong(json!({ "ticketId": "unknown", "body": " " })),
            &["body", "ticketId"],
        ),
    ];
    assert_reported(&app, 2, MESSAGE, &cases).await;
}

async fn an_email_under_another_id_is_reported(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let second = line(
        CUSTOMER,
        "c1",
        &json!({ "name": "Somebody else", "email": "ANN@example.com" }),
    );
    let third = line(CUSTOMER, "c2", &json!({ "email": "cid@example.com" }));
    let ticket = line(TICKET, "t1", &json!({ "customerId": "c1" }));
    let files = folder(&format!("{CUSTOMER}\n{second}\n{third}"), &ticket, "");
    for again in [false, true] {
        let report = run_strict(&app, workspace, &KEVA, files.path()).await;
        let expected = if again { [0, 0, 2, 1] } else { [2, 0, 0, 1] };
        assert_eq!(counts(&report)[0], ("customers.ndjson", expected), "{report}");
        assert_eq!(faults(&report, "customers.ndjson"), ["2 email".to_owned()].into());
        // The ticket belongs to the customer with the address.
        assert_eq!(counts(&report)[1].1[3], 0);
    }
    let query = "{ customerByEmail(email: \"ann@example.com\") { name totalTickets version } }";
    let seen = app.ask(&admin, query, json!({})).await.at("/customerByEmail");
    assert_eq!(seen, json!({ "name": "Ann", "totalTickets": 1, "version": 1 }));

    // An imported customer cannot take the address of another one.
    let moved = line(CUSTOMER, "c0", &json!({ "email": "cid@example.com" }));
    let files = folder(&moved, "", "");
    let report = run_strict(&app, workspace, &KEVA, files.path()).await;
    assert_eq!(faults(&report, "customers.ndjson"), ["1 email".to_owned()].into());
}

async fn unknown_fields_are_counted(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let one = line(
        CUSTOMER,
        "c1",
        &json!({ "email": "b@example.com", "mood": "fine", "shoeSize": 42 }),
    );
    let two = line(
        CUSTOMER,
        "c2",
        &json!({ "email": "c@example.com", "mood": null, "totalTickets": 3 }),
    );
    let ticket = line(TICKET, "t1", &json!({ "brand": "x" }));
    let report = run(
        &app,
        workspace,
        folder(&format!("{one}\n{two}"), &ticket, "").path(),
    )
    .await;
    assert_eq!(report.failed(), 0);
    let unknown = |file: usize| json!(report.files[file].unknown_fields);
    assert_eq!(unknown(0), json!({ "mood": 2, "shoeSize": 1 }));
    assert_eq!(unknown(1), json!({ "brand": 1 }));
    assert!(report.to_string().contains("the field shoeSize is not supported"));
}

async fn costly_html_is_left_out_and_reported(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let costly = line(MESSAGE, "m1", &json!({ "bodyHtml": "<ul><li>".repeat(13_000) }));
    let report = run(&app, workspace, folder(CUSTOMER, TICKET, &costly).path()).await;
    assert_eq!(counts(&report)[2], ("messages.ndjson", [1, 0, 0, 0]));
    let told = &report.files[2].left_out;
    assert_eq!(
        (told.len(), told[0].line, told[0].field.as_str()),
        (1, 1, "bodyHtml")
    );
    assert!(told[0].reason.contains("was not stored"), "{}", told[0].reason);
    let query = "{ tickets { nodes { messages { nodes { body bodyHtml } } } } }";
    let message = app.ask(&admin, query, json!({})).await;
    assert_eq!(
        message.at("/tickets/nodes/0/messages/nodes/0"),
        json!({ "body": "Please.", "bodyHtml": null })
    );
}

async fn a_missing_file_is_named(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let files = folder(CUSTOMER, TICKET, MESSAGE);
    std::fs::remove_file(files.path().join("tickets.ndjson")).expect("removed");
    let viewer = Viewer::operator(workspace);
    let source = Source {
        viewer: &viewer,
        workspace,
        system: KEVA.system,
        strict: false,
        prefer_source: false,
        revive: false,
    };
    let input = Input::Folder(files.path().to_owned());
    let error = import::run(&app.services, &source, &KEVA, &input, &|_| {})
        .await
        .expect_err("it ends");
    assert_eq!(
        error.to_string(),
        "The folder contains neither tickets.ndjson nor tickets.json. One of them is required."
    );
}

on_each_database!(
    invalid_customers_are_reported,
    invalid_tickets_are_reported,
    invalid_messages_are_reported,
    an_email_under_another_id_is_reported,
    unknown_fields_are_counted,
    costly_html_is_left_out_and_reported,
    a_missing_file_is_named,
);
