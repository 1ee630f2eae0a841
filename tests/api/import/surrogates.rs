//! JSON that strict parsers reject: unpaired surrogates, and a byte order mark.

use deskgraph::import::{CSTAR, KEVA};
use serde_json::json;

use super::{counts, files, left_out, run_of};
use crate::support::{TestApp, on_each_database};

fn row(number: usize, name: &str) -> String {
    format!(r#"{{"id":"c{number}","email":"c{number}@example.com","name":"{name}"}}"#)
}

async fn a_lone_surrogate_is_replaced_by_one_character(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let lines = [
        row(1, "One"),
        row(2, r"Two \ud83d"),
        format!("\u{feff}{}", row(3, "Three")),
    ]
    .join("\n");
    let folder = files(&[("customers.ndjson", &lines)]);
    let report = run_of(&app, workspace, &CSTAR, folder.path()).await;
    assert_eq!(counts(&report), [("customers.ndjson", [3, 0, 0, 0])], "{report}");
    assert_eq!(
        left_out(&report, "customers.ndjson"),
        ["2 ".to_owned()].into(),
        "{report}"
    );
    let document = format!(
        "\u{feff}{{\"customers\": [{}, {}]}}",
        row(4, r"Four \ude00"),
        row(5, r"Five \ud83d\ude00")
    );
    let folder = files(&[
        ("customers.json", &document),
        ("tickets.json", "[]"),
        ("messages.json", "[]"),
    ]);
    let report = run_of(&app, workspace, &KEVA, folder.path()).await;
    assert_eq!(counts(&report)[0], ("customers.json", [2, 0, 0, 0]), "{report}");
    assert_eq!(
        left_out(&report, "customers.json"),
        ["1 ".to_owned()].into(),
        "{report}"
    );
    let query = "{ customers(orderBy: { field: EMAIL, direction: ASC }) { nodes { name } } }";
    let seen = app.ask(&admin, query, json!({})).await.at("/customers/nodes");
    let names = ["One", "Two \u{fffd}", "Three", "Four \u{fffd}", "Five \u{1f600}"];
    let expected: Vec<_> = names.iter().map(|name| json!({ "name": name })).collect();
    assert_eq!(seen, json!(expected));
}

on_each_database!(a_lone_surrogate_is_replaced_by_one_character);
