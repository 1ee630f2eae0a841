//! Input that exceeds a limit is reported with its place and the limit. Earlier input is imported.

use deskgraph::import::{CSTAR, KEVA};
use serde_json::{Value, json};

use super::{counts, faults, files, run_of};
use crate::support::{TestApp, on_each_database};

const LARGE: usize = 9 << 20;

fn customer(number: usize) -> Value {
    json!({ "id": format!("c{number}"), "name": "Ann", "email": format!("c{number}@example.com") })
}

/// Creates a folder with this file of customers and empty other files.
fn document(text: &str) -> tempfile::TempDir {
    files(&[
        ("customers.json", text),
        ("tickets.ndjson", ""),
        ("messages.ndjson", ""),
    ])
}

async fn values_other_than_objects_are_reported_separately(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let zeros = vec!["0"; 20_000].join(",");
    let folder = document(&format!("[{zeros},{}]", customer(1)));
    let report = run_of(&app, workspace, &KEVA, folder.path()).await;
    assert_eq!(counts(&report)[0], ("customers.json", [1, 0, 0, 20_000]));
    assert_eq!(report.files[0].faults.len(), 1_000);
}

async fn an_oversized_object_ends_its_document(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let text = json!({ "id": "c2", "name": "x".repeat(LARGE) });
    let values = json!({ "id": "c2", "tags": vec![0; 100_000] });
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for (large, reason) in [
        (text.to_string(), "The record is larger than 8 MiB."),
        (values.to_string(), "The record has more than 100000 values."),
    ] {
        let all = format!(
            "\u{feff}{{\"customers\": [\n{},\n{large},\n{}]}}",
            customer(1),
            customer(3)
        );
        let folder = document(&all);
        let report = run_of(&app, workspace, &KEVA, folder.path()).await;
        let [created, updated, unchanged, failed] = counts(&report)[0].1;
        assert_eq!((created + updated + unchanged, failed), (1, 1), "{report}");
        let told = report.to_string();
        let expected = format!(
            "customers.json:2: line: {reason} The record is on line 3. The rest of the file was not read."
        );
        assert!(told.contains(&expected), "{told}");
    }
    let folder = document(&format!("[{}, {deep}]", customer(9)));
    let report = run_of(&app, workspace, &KEVA, folder.path()).await;
    assert_eq!(counts(&report)[0].1, [0, 0, 0, 1], "{report}");
    assert!(
        report.to_string().contains("more than 128 nesting levels"),
        "{report}"
    );
}

async fn a_line_with_a_response_is_read_by_objects(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let fill = "x".repeat(300 << 10);
    let large = json!({ "id": "c2", "tags": vec![0; 100_000] });
    let lines = [
        json!({ "data": [customer(1), large, customer(3)], "more": fill }).to_string(),
        json!([customer(4), fill]).to_string(),
        json!({ "id": "c5", "email": "c5@example.com", "name": "Ann", "avatarUrl": null, "more": fill })
            .to_string(),
        format!("{{\"more\": \"{fill}\", \"data\": [{},", customer(6)),
        format!("[{}", "0,".repeat(LARGE)),
        customer(7).to_string(),
    ];
    let folder = files(&[("customers.ndjson", &lines.join("\n"))]);
    let report = run_of(&app, workspace, &CSTAR, folder.path()).await;
    assert_eq!(counts(&report), [("customers.ndjson", [3, 0, 0, 4])], "{report}");
    let expected = ["1 ", "2 ", "4 ", "5 "].map(str::to_owned);
    assert_eq!(faults(&report, "customers.ndjson"), expected.into());
    let told = report.to_string();
    for reason in [
        "1: line: The record has more than 100000 values. The rest of the line was not read.",
        "2: line: The record is not a JSON object.",
        "4: line: The text is not valid JSON: the text ends unexpectedly",
        "5: line: The line is larger than 8 MiB.",
    ] {
        assert!(told.contains(&format!("customers.ndjson:{reason}")), "{told}");
    }
    assert_eq!(report.files[0].unknown_fields["more"], 2);
}

on_each_database!(
    values_other_than_objects_are_reported_separately,
    an_oversized_object_ends_its_document,
    a_line_with_a_response_is_read_by_objects,
);
