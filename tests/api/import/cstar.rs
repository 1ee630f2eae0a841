//! Customers of C-Star from files.

use deskgraph::import::CSTAR;
use serde_json::json;

use super::{counts, faults, files, run_of, run_strict};
use crate::support::{TestApp, on_each_database};

const DOCUMENTED: &str = include_str!("../../vendors/cstar/customers.json");

async fn the_documented_response_is_imported_completely(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let one_line = DOCUMENTED.replace('\n', "");
    for (number, (name, text)) in [
        ("customers.json", DOCUMENTED),
        ("customers.ndjson", one_line.as_str()),
        ("customers.json", DOCUMENTED),
    ]
    .into_iter()
    .enumerate()
    {
        let folder = files(&[(name, text)]);
        let report = run_of(&app, workspace, &CSTAR, folder.path()).await;
        let expected = if number == 0 { [1, 0, 0, 0] } else { [0, 0, 1, 0] };
        assert_eq!(counts(&report), [(name, expected)], "{report}");
        assert!(report.files[0].unknown_fields.is_empty(), "{report}");
    }
    let query = "{ customers { nodes { name email status sentiment tags internalNotes customFields totalTickets createdAt
        updatedAt } } }";
    let seen = app.ask(&admin, query, json!({})).await.at("/customers/nodes");
    assert_eq!(
        seen,
        json!([{
            "name": "Jane Doe", "email": "jane@example.com", "status": "ACTIVE", "sentiment": "HAPPY",
            "tags": ["vip", "enterprise"], "internalNotes": "Enterprise customer since 2024",
            "customFields": { "company": "Acme Corp", "plan": "enterprise" }, "totalTickets": 0,
            "createdAt": "2025-01-15T10:00:00.000Z", "updatedAt": "2025-12-14T10:30:00.000Z",
        }])
    );
}

async fn invalid_customers_are_reported(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let line = |number: usize, more: &str| {
        format!("{{\"id\":\"c{number}\",\"name\":\"Ann\",\"email\":\"c{number}@example.com\"{more}}}\n")
    };
    let text = [
        line(1, r#","status":"gone""#),
        line(2, r#","sentiment":"HAPPY""#),
        line(3, r#","customFields":[1]"#),
        line(4, r#","notes":7,"tags":{}"#),
        line(5, &format!(r#","notes":"{}""#, "x".repeat(20_001))),
        "{\"id\":\"c6\",\"email\":\"c6@example.com\"}\n".to_owned(),
        "{\"success\":false,\"error\":\"no\"}\n".to_owned(),
        line(8, r#","ticketCount":5,"mood":"fine""#),
    ];
    let folder = files(&[("customers.ndjson", &text.concat())]);
    let report = run_strict(&app, workspace, &CSTAR, folder.path()).await;
    assert_eq!(counts(&report), [("customers.ndjson", [1, 0, 0, 7])], "{report}");
    let expected = [
        "1 status",
        "2 sentiment",
        "3 customFields",
        "4 notes",
        "4 tags",
        "5 notes",
        "6 name",
        "7 id",
        "7 name",
        "7 email",
    ];
    assert_eq!(
        faults(&report, "customers.ndjson"),
        expected.map(str::to_owned).into()
    );
    assert_eq!(
        report.files[0].unknown_fields.keys().collect::<Vec<_>>(),
        ["mood"]
    );
}

on_each_database!(
    the_documented_response_is_imported_completely,
    invalid_customers_are_reported
);
