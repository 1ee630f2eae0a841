//! Numbers that cannot be stored exactly are omitted and reported. They are never rounded.

use deskgraph::import::CSTAR;
use serde_json::{Value, json};

use super::{counts, faults, files, left_out, run_of, run_strict};
use crate::support::{TestApp, on_each_database};

/// A customer with different kinds of numbers, some of which exceed 64 bits or the precision of a float.
fn row(number: usize) -> String {
    format!(
        r#"{{"id":"c{number}","name":"Ann","email":"c{number}@example.com","customFields":{{
        "order":9007199254740993,"large":18446744073709551615,"larger":18446744073709551616,"huge":1e400,
        "pi":3.14159265358979323846,"price":12.50,"deep":{{"list":[1,-1e400,2]}}}}}}"#
    )
    .replace('\n', "")
}

const PATHS: [&str; 4] = [
    "customFields.larger",
    "customFields.huge",
    "customFields.pi",
    "customFields.deep.list.1",
];

async fn inexact_numbers_are_left_out(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let lines = [row(1), row(2)].join("\n");
    let document = format!("[{},{}]", row(3), row(4));
    let long = format!("{{\"data\":[{},{}]}}{}", row(5), row(6), " ".repeat(300 << 10));
    for (name, text, places) in [
        ("customers.ndjson", lines, [1, 2]),
        ("customers.json", document, [1, 2]),
        ("customers.ndjson", long, [1, 1]),
    ] {
        let report = run_of(&app, workspace, &CSTAR, files(&[(name, &text)]).path()).await;
        assert_eq!(counts(&report), [(name, [2, 0, 0, 0])], "{report}");
        let expected = places
            .iter()
            .flat_map(|line| PATHS.map(|path| format!("{line} {path}")));
        assert_eq!(left_out(&report, name), expected.collect(), "{report}");
        let told = "customFields.huge: The number cannot be stored exactly. The value is left out.";
        assert!(report.to_string().contains(told), "{report}");
    }
    let seen = app
        .ask(&admin, "{ customers { nodes { customFields } } }", json!({}))
        .await
        .at("/customers/nodes");
    let expected = json!({ "order": 9_007_199_254_740_993_i64, "large": u64::MAX, "price": 12.5, "deep": { "list": [1, 2] } });
    let nodes = seen.as_array().expect("a list");
    assert_eq!(nodes.len(), 6);
    for node in nodes {
        assert_eq!(node["customFields"], expected);
    }
}

async fn strict_import_refuses_records_with_inexact_numbers(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let folder = files(&[("customers.ndjson", &row(1))]);
    let report = run_strict(&app, workspace, &CSTAR, folder.path()).await;
    assert_eq!(counts(&report), [("customers.ndjson", [0, 0, 0, 1])], "{report}");
    let expected = PATHS.map(|path| format!("1 {path}"));
    assert_eq!(faults(&report, "customers.ndjson"), expected.into());
}

async fn inexact_numbers_outside_objects_are_ignored(app: TestApp) {
    let (workspace, _) = app.admin().await;
    let value: Value = json!({ "id": "c1", "name": "Ann", "email": "ann@example.com" });
    let text = format!("{{\"total\":1e400,\"meta\":{{\"at\":123456789012345678901}},\"data\":[{value}]}}");
    for name in ["customers.json", "customers.ndjson"] {
        let report = run_of(&app, workspace, &CSTAR, files(&[(name, &text)]).path()).await;
        assert_eq!(report.failed(), 0, "{report}");
        assert_eq!(report.files[0].lines(), 1, "{report}");
    }
}

on_each_database!(
    inexact_numbers_are_left_out,
    strict_import_refuses_records_with_inexact_numbers,
    inexact_numbers_outside_objects_are_ignored,
);
