//! Attachments of messages: their metadata is imported, their content is not.

use deskgraph::import::KEVA;
use serde_json::{Value, json};

use super::{counts, faults, folder, left_out, run, run_strict};
use crate::support::{TestApp, on_each_database};

const CUSTOMER: &str = r#"{"id":"c","email":"ann@example.com"}"#;
const TICKET: &str = r#"{"id":"t","subject":"Help","customerEmail":"ann@example.com"}"#;
const QUERY: &str =
    "{ tickets { nodes { messages { nodes { body attachments { name contentType size contentId } } } } } }";
const MESSAGES: &str = "/tickets/nodes/0/messages/nodes";

fn message(id: &str, attachments: &Value) -> String {
    let value = json!({ "id": id, "ticketId": "t", "senderEmail": "ann@example.com", "body": id,
        "bodyHtml": "<p>See <img src=\"cid:logo@mail\"></p>", "attachments": attachments });
    format!("{value}\n")
}

fn messages() -> String {
    let two = json!([
        { "name": "invoice.pdf", "contentType": "application/pdf", "contentLength": 48213, "_id": "66f0a1b2c3d4e5f607182901" },
        { "filename": "logo.png", "mimeType": "image/png", "size": 512, "contentId": "<logo@mail>", "url": "https://a.example/1" },
    ]);
    let odd =
        json!([{ "name": "../../etc/pass\u{202e}wd\n", "contentType": "none", "size": -1 }, { "id": "x" }]);
    [
        message("m1", &two),
        message("m2", &odd),
        message("m3", &json!([])),
    ]
    .concat()
}

async fn attachment_metadata_is_imported_and_counted(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let start = app.services.hub.newest(workspace).await.expect("a cursor");
    let mut socket = app.socket(&admin).await;
    let live = "subscription($after: ChangeCursor) { messageAdded(after: $after) { body attachments { name size } } }";
    let after = json!({ "after": start.to_string() });
    socket.begin("1", live, &after).await;
    let folder = folder(CUSTOMER, TICKET, &messages());
    let report = run(&app, workspace, folder.path()).await;
    assert_eq!(counts(&report)[2], ("messages.ndjson", [3, 0, 0, 0]), "{report}");
    assert_eq!(report.files[2].attachments, 3, "{report}");
    assert!(
        report
            .to_string()
            .contains("3 attachments: metadata imported, contents not imported"),
        "{report}"
    );
    let expected = [
        "2 attachments.0.contentType",
        "2 attachments.0.name",
        "2 attachments.0.size",
        "2 attachments.1.name",
    ];
    assert_eq!(
        left_out(&report, "messages.ndjson"),
        expected.map(str::to_owned).into()
    );
    assert!(report.files[2].unknown_fields.is_empty(), "{report}");
    let seen = app.ask(&admin, QUERY, json!({})).await.at(MESSAGES);
    let expected = json!([
        { "body": "m1", "attachments": [
            { "name": "invoice.pdf", "contentType": "application/pdf", "size": 48213, "contentId": null },
            { "name": "logo.png", "contentType": "image/png", "size": 512, "contentId": "logo@mail" },
        ] },
        { "body": "m2", "attachments": [{ "name": "passwd", "contentType": null, "size": null, "contentId": null }] },
        { "body": "m3", "attachments": [] },
    ]);
    assert_eq!(seen, expected);
    let first = socket.data("1").await["messageAdded"].clone();
    let files = json!([{ "name": "invoice.pdf", "size": 48213 }, { "name": "logo.png", "size": 512 }]);
    assert_eq!(first, json!({ "body": "m1", "attachments": files }));
    // An existing message is not changed.
    let report = run(&app, workspace, folder.path()).await;
    assert_eq!(report.files[2].attachments, 0, "{report}");
}

async fn strict_import_refuses_messages_with_invalid_attachments(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let folder = folder(CUSTOMER, TICKET, &messages());
    let report = run_strict(&app, workspace, &KEVA, folder.path()).await;
    assert_eq!(counts(&report)[2], ("messages.ndjson", [2, 0, 0, 1]), "{report}");
    assert!(faults(&report, "messages.ndjson").contains("2 attachments.0.name"));
}

/// The cost of attachments is included in the cost of a request.
async fn attachments_add_to_the_query_cost(app: TestApp) {
    let (_, admin) = app.admin().await;
    let cost = |fields: &'static str| {
        let (app, admin) = (&app, &admin);
        async move {
            let query = format!(
                "{{ tickets(first: 10) {{ nodes {{ messages(first: 5) {{ nodes {{ {fields} }} }} }} }} }}"
            );
            let body = json!({ "query": query, "extensions": { "cost": true } }).to_string();
            let response = app.post(Some(&admin.credential), &body).await;
            let answer: Value = serde_json::from_str(&response.text().await.unwrap()).expect("JSON");
            answer["extensions"]["cost"].clone()
        }
    };
    let (without, with) = (cost("body").await, cost("body attachments { name }").await);
    let number = |cost: &Value| {
        let found = cost
            .as_u64()
            .or_else(|| cost["requested"].as_u64())
            .or_else(|| cost["cost"].as_u64());
        found.unwrap_or_else(|| panic!("{cost}"))
    };
    assert_eq!(number(&with) - number(&without), 10 * 5 * 20);
}

on_each_database!(
    attachment_metadata_is_imported_and_counted,
    strict_import_refuses_messages_with_invalid_attachments,
    attachments_add_to_the_query_cost,
);
