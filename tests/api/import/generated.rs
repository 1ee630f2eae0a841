//! A believable helpdesk of 100 customers, 1 000 tickets and 5 000 messages, as the example writes it.

use std::{
    collections::{BTreeSet, HashMap},
    future::{Future, poll_fn},
    path::{Path, PathBuf},
    pin::pin,
    sync::OnceLock,
    task::Poll,
};

use deskgraph::{
    auth::{Grant, Viewer},
    import::{self, Input, KEVA},
    service::import::Source,
};
use entity::{Timestamp, WorkspaceId};
use serde_json::{Value, json};

use super::{counts, run};
use crate::support::{Person, TestApp, on_each_database, text};

#[expect(dead_code, reason = "its command line is not used here")]
#[path = "../../../examples/generate.rs"]
mod generate;

/// The folder with the files, written once in a run of the tests.
fn generated() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        // One folder for every run: the same files are written over it.
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("generated");
        let scale = "0.01".parse().expect("a scale");
        let out = folder.clone();
        generate::run(&generate::Args { out, scale, seed: 7 }).expect("the files");
        folder
    })
}

fn lines(file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(generated().join(file)).expect("a file");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

/// Every node of a list, page by page.
async fn all(app: &TestApp, person: &Person, field: &str, selection: &str) -> Vec<Value> {
    let query = format!(
        "query($after: String) {{ {field}(first: 100, after: $after) {{ nodes {{ {selection} }} \
         pageInfo {{ hasNextPage endCursor }} }} }}"
    );
    let (mut nodes, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = app.ask(person, &query, json!({ "after": after })).await.data()[field].clone();
        nodes.extend(page["nodes"].as_array().expect("nodes").iter().cloned());
        if page["pageInfo"]["hasNextPage"] == false {
            return nodes;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str().map(|at| Timestamp::parse(at).expect("an instant"))
}

/// What the API computes equals what the files say.
async fn assert_figures(app: &TestApp, workspace: WorkspaceId) {
    let program = app.api_key(&[workspace], &[Grant::Read]).await;
    let told: HashMap<String, Value> = lines("customers.ndjson")
        .into_iter()
        .map(|line| (text(&line["email"]).to_owned(), line))
        .collect();
    let selection =
        "email totalTickets openTickets avgResolutionTime firstTicketAt lastTicketAt overallSentiment";
    let customers = all(app, &program, "customers", selection).await;
    assert_eq!(customers.len(), told.len());
    for customer in &customers {
        let line = &told[text(&customer["email"])];
        for field in ["totalTickets", "openTickets", "avgResolutionTime"] {
            assert_eq!(customer[field], line[field], "{field} of {}", line["id"]);
        }
        for field in ["firstTicketAt", "lastTicketAt"] {
            assert_eq!(
                instant(&customer[field]),
                instant(&line[field]),
                "{field} of {}",
                line["id"]
            );
        }
        assert_eq!(
            customer["overallSentiment"].is_null(),
            line["totalTickets"] == 0,
            "{}",
            line["id"]
        );
    }

    let mut written: HashMap<String, (u64, Option<Timestamp>)> = HashMap::new();
    for line in lines("messages.ndjson") {
        let ticket = written.entry(text(&line["ticketId"]).to_owned()).or_default();
        *ticket = (ticket.0 + 1, ticket.1.max(instant(&line["createdAt"])));
    }
    let mut expected: Vec<_> = lines("tickets.ndjson")
        .iter()
        .map(|line| {
            let (count, last) = written.get(text(&line["id"])).copied().unwrap_or_default();
            let status = text(&line["status"]).to_uppercase();
            (
                text(&line["subject"]).to_owned(),
                instant(&line["createdAt"]),
                instant(&line["resolvedAt"]),
                status,
                count,
                last,
            )
        })
        .collect();
    let selection =
        "subject status createdAt resolvedAt messageCount lastMessageAt conversation { messageCount }";
    let mut seen: Vec<_> = all(app, &program, "tickets", selection)
        .await
        .iter()
        .map(|one| {
            assert_eq!(one["messageCount"], one["conversation"]["messageCount"]);
            let count = one["messageCount"].as_u64().expect("a number");
            let status = text(&one["status"]).to_owned();
            let last = instant(&one["lastMessageAt"]);
            (
                text(&one["subject"]).to_owned(),
                instant(&one["createdAt"]),
                instant(&one["resolvedAt"]),
                status,
                count,
                last,
            )
        })
        .collect();
    expected.sort();
    seen.sort();
    assert_eq!(seen, expected);
}

async fn what_is_computed_equals_what_the_files_say(app: TestApp) {
    let workspace = app.workspace("Test").await;
    let report = run(&app, workspace, generated()).await;
    assert_eq!(report.failed(), 0, "{report}");
    assert!(
        report.files.iter().all(|file| file.unknown_fields.is_empty()),
        "{report}"
    );
    let expected = [
        ("agents.ndjson", [40, 0, 0, 0]),
        ("customers.ndjson", [100, 0, 0, 0]),
        ("tickets.ndjson", [1_000, 0, 0, 0]),
        ("messages.ndjson", [5_000, 0, 0, 0]),
    ];
    assert_eq!(counts(&report), expected);
    assert_figures(&app, workspace).await;

    let events = app.log(workspace).await.len();
    assert_eq!(events, 100 + 2 * 1_000 + 5_000);
    let report = run(&app, workspace, generated()).await;
    let expected = expected.map(|(name, [created, ..])| (name, [0, 0, created, 0]));
    assert_eq!(counts(&report), expected);
    assert_eq!(app.log(workspace).await.len(), events);
}

/// Goes on with some work so many times, then drops it wherever it is. Says whether it was done before.
async fn cut_off<T>(work: impl Future<Output = T>, steps: usize) -> bool {
    let mut work = pin!(work);
    let mut left = steps;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        work.as_mut().poll(context).map(|_| true)
    })
    .await
}

async fn an_import_that_was_cut_off_is_finished_by_another(app: TestApp) {
    let workspace = app.workspace("Test").await;
    let viewer = Viewer::operator(workspace);
    let source = Source {
        viewer: &viewer,
        workspace,
        system: KEVA.system,
        strict: false,
        prefer_source: false,
        revive: false,
    };
    let input = Input::Folder(generated().to_owned());
    let total = 100 + 2 * 1_000 + 5_000;
    // Each try gets a little further than the one before, and begins again.
    let (mut steps, mut parts) = (10, BTreeSet::new());
    while !cut_off(
        Box::pin(import::run(&app.services, &source, &KEVA, &input, &|_| {})),
        steps,
    )
    .await
    {
        parts.insert(app.log(workspace).await.len());
        steps += steps / 3;
    }
    let partial = parts
        .iter()
        .filter(|written| (1..total).contains(*written))
        .count();
    assert!(partial >= 3, "cut off at {parts:?} only");
    let report = run(&app, workspace, generated()).await;
    assert_eq!(report.failed(), 0, "{report}");
    // Nothing twice: one event for each thing, and the figures of the files.
    let events = app.log(workspace).await;
    assert_eq!(events.len(), 100 + 2 * 1_000 + 5_000);
    assert!(
        (1..)
            .zip(&events)
            .all(|(position, event)| event.position == position)
    );
    assert_figures(&app, workspace).await;
}

on_each_database!(
    what_is_computed_equals_what_the_files_say,
    an_import_that_was_cut_off_is_finished_by_another,
);
