//! Random documents from the schema, valid and almost valid. Each must be answered, and errors must have codes and
//! contain no internal details.

mod compiled;
mod document;
mod value;

use std::{collections::BTreeSet, time::Duration, time::Instant};

use deskgraph::auth::Grant;
use serde_json::Value;

pub use self::document::Maker;
use crate::{
    access::SampleWorkspace,
    support::{Answer, TestApp, on_each_database},
};

/// Seed of the first document. It increases by one for each further document.
const SEED: u64 = 20_260_101;
/// Number of documents for a file database.
const MANY: u64 = 2_000;
/// Number of documents for a server, which receives the same statements.
const SOME: u64 = 300;
/// Maximum time for a response, in a debug build on a busy machine. Shorter than the timeout of the client.
const LONGEST: Duration = Duration::from_secs(25);

const CODES: &str = include_str!("../../../docs/errors.md");

/// Internal details that must not be in a response.
const INSIDE: [&str; 12] = [
    "sqlite",
    "sqlx",
    "sea_orm",
    "sea-orm",
    "postgres",
    "SELECT ",
    "INSERT ",
    "panicked",
    ".rs:",
    "/src/",
    "constraint",
    "tokio",
];

/// Returns the documented codes of `errors`, except for faults of the server.
fn documented() -> BTreeSet<&'static str> {
    let section = CODES.split("## Codes in `errors`").nth(1).expect("a section");
    let section = section.split("\n## ").next().expect("a section");
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    let codes = rows.filter_map(|row| row.split('`').next());
    codes.filter(|code| *code != "INTERNAL").collect()
}

/// Returns the error in a response, if any.
fn fault(answer: &Answer, codes: &BTreeSet<&str>) -> Option<String> {
    let Some(body) = answer.body.as_object() else {
        return Some("it is no object".to_owned());
    };
    let known = ["data", "errors", "extensions"];
    if let Some(other) = body.keys().find(|name| !known.contains(&name.as_str())) {
        return Some(format!("it has {other}"));
    }
    if !body.contains_key("data") && !body.contains_key("errors") {
        return Some("it has neither data nor errors".to_owned());
    }
    let errors = body.get("errors").and_then(Value::as_array);
    for error in errors.into_iter().flatten() {
        let code = error["extensions"]["code"].as_str();
        if !code.is_some_and(|code| codes.contains(code)) {
            return Some(format!("an error is {code:?}"));
        }
        let told = error.to_string();
        if let Some(word) = INSIDE.iter().find(|word| told.contains(*word)) {
            return Some(format!("an error tells of {word}"));
        }
    }
    None
}

async fn every_document_gets_a_response(app: TestApp) {
    let first = app.workspace("First").await;
    let schema = app.schema(&app.admin_of(&[first]).await).await;
    let sample = SampleWorkspace::new(&app, &schema, "own", &|_| "own").await;
    let key = app.api_key(&[sample.workspace], &[Grant::Read]).await;
    let people = [sample.admin.clone(), sample.customer(&app), key];
    let in_a_file = app.settings.database_url.reveal().starts_with("sqlite");
    let (count, codes, began) = (if in_a_file { MANY } else { SOME }, documented(), Instant::now());
    let (mut whole, mut slowest) = (0, Duration::ZERO);
    for (seed, person) in (SEED..SEED + count).zip(people.iter().cycle()) {
        let request = Maker::new(seed, &schema, &sample.things).request();
        let sent = Instant::now();
        let response = app.post(Some(&person.credential), &request.to_string()).await;
        let answer = Answer::read(response).await;
        slowest = slowest.max(sent.elapsed());
        let fault = fault(&answer, &codes).or_else(|| {
            let slow = sent.elapsed() > LONGEST;
            slow.then(|| format!("it took {:?}", sent.elapsed()))
        });
        if let Some(fault) = fault {
            panic!("seed {seed}: {fault}\n{request}\n{}", answer.body);
        }
        whole += u64::from(answer.body.get("errors").is_none());
    }
    println!(
        "{count} documents, {whole} without errors, the slowest {slowest:?}, {:?}",
        began.elapsed()
    );
    // Some documents must fail, or few errors would be tested. Some must succeed, or little behind the checks would
    // be tested.
    assert!(
        whole > count / 10 && whole < count * 9 / 10,
        "{whole} of {count} without errors"
    );
}

on_each_database!(every_document_gets_a_response);
