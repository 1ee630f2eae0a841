//! The command `stats` prints the figures of the API.

use std::process::{Command, Output};

use fastrand::Rng;
use serde_json::{Value, json};

use super::{document, tickets::People};
use crate::support::{TestApp, on_each_database};

/// Runs the command on the database of a node and returns its exit code and both outputs.
async fn stats(app: &TestApp, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskgraph"));
    command
        .env("DESKGRAPH_LOG", "warn")
        .env("DESKGRAPH_DATABASE_URL", app.settings.database_url.reveal())
        .arg("stats")
        .args(arguments);
    let run = tokio::task::spawn_blocking(move || command.output().expect("a process"));
    let Output {
        status,
        stdout,
        stderr,
    } = run.await.expect("a process");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (status.code(), text(&stdout), text(&stderr))
}

/// A line of CSV with the keys and figures of a group.
fn line(group: &Value) -> String {
    let value = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) if text.contains('"') => format!("\"{}\"", text.replace('"', "\"\"")),
        Value::String(text) => text.clone(),
        Value::Array(_) => format!("\"{value}\""),
        Value::Number(number) if number.is_f64() => number.as_f64().unwrap().to_string(),
        other => other.to_string(),
    };
    let keys = group["key"].as_array().unwrap().iter().map(value);
    let figures = super::FIGURES.split_whitespace().skip(1);
    let figures = figures.map(|figure| value(&group[figure]));
    keys.chain(figures).collect::<Vec<_>>().join(",")
}

async fn the_command_prints_the_figures_of_the_api(app: TestApp) {
    let (workspace, admin) = app.admin().await;
    let people = People::of(&app, workspace, &admin).await;
    people.fill(&app, &mut Rng::with_seed(6), 300).await;
    for (arguments, keys) in [
        (&["--by", "status"][..], json!([{ "field": "STATUS" }])),
        (&[], json!([])),
        (
            &["--by", "created:month", "--by", "field:plan"],
            json!([{ "createdAt": "MONTH" }, { "customField": "plan" }]),
        ),
    ] {
        let zone = "America/New_York";
        let variables = json!({ "groupBy": keys, "timeZone": zone, "first": 1000 });
        let expected = app.ask(&admin, &document(), variables).await;
        let expected = expected.at("/ticketStats/nodes");
        let expected: Vec<String> = expected.as_array().unwrap().iter().map(line).collect();
        let arguments = [arguments, &["--csv", "--time-zone", zone]].concat();
        let (code, printed, said) = stats(&app, &arguments).await;
        assert_eq!(code, Some(0), "{said}");
        let lines: Vec<&str> = printed.split_terminator("\r\n").collect();
        let head = super::FIGURES.split_whitespace().skip(1).collect::<Vec<_>>();
        assert!(lines[0].ends_with(&head.join(",")), "{}", lines[0]);
        assert_eq!(lines[1..], expected);
        assert!(said.starts_with("300 tickets, "), "{said}");
    }
    let (_, printed, said) = stats(&app, &["--by", "priority", "--first", "2"]).await;
    assert_eq!(printed.lines().count(), 3);
    assert!(printed.starts_with("priority\tcount\topenCount\t"), "{printed}");
    assert!(said.contains("There are more groups"), "{said}");
    let since = [
        "--since",
        "2024-01-01T00:00:00Z",
        "--until",
        "2024-01-01T00:00:00Z",
    ];
    let (_, printed, said) = stats(&app, &since).await;
    assert_eq!(
        (printed.lines().count(), said.as_str()),
        (1, "0 tickets, 0 groups.\n")
    );
}

async fn wrong_arguments_of_the_command_are_reported(app: TestApp) {
    for (arguments, expected, reason) in [
        (&["--by", "year"][..], 2, "deskgraph stats --help"),
        (&["--by", "created:year"], 2, "deskgraph stats --help"),
        (&["--since", "yesterday"], 2, "RFC 3339"),
        (&["--first", "0"], 2, "0"),
        (&["--time-zone", "Mars/Olympus"], 1, "IANA time zone"),
        (
            &["--by", "status", "--by", "tag", "--by", "team", "--by", "queue"],
            1,
            "The maximum is 3",
        ),
        (&["--workspace", "None"], 1, "No workspace has the id or name"),
    ] {
        let (code, printed, said) = stats(&app, arguments).await;
        assert_eq!((code, printed.as_str()), (Some(expected), ""), "{arguments:?}");
        assert!(said.contains(reason), "{arguments:?}: {said}");
    }
}

on_each_database!(
    the_command_prints_the_figures_of_the_api,
    wrong_arguments_of_the_command_are_reported,
);
