//! Scores of stored messages are computed again.

use std::{
    path::Path,
    process::{Command, Output},
};

use deskgraph::service::rescore::{RescoreOptions, rescore};
use entity::{MessageId, WorkspaceId, conversation, customer, message};
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};
use serde_json::json;

use super::{assert_figures, differences, program};
use crate::support::{Person, TestApp, on_each_database};

const TEXTS: [&str; 5] = [
    "Thank you, this is wonderful!",
    "Where is my order??",
    "This is terrible, I am so angry and disappointed.",
    "Das ist eine Frechheit, ich bin sehr enttäuscht.",
    "Danke!",
];

/// Runs the command with the database of a test. Returns its exit code, stdout and stderr.
fn command(app: &TestApp, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_deskgraph"))
        .current_dir(Path::new("/"))
        .env("DESKGRAPH_LOG", "warn")
        .env("DESKGRAPH_DATABASE_URL", app.settings.database_url.reveal())
        .arg("rescore")
        .args(arguments)
        .output()
        .expect("a process");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text").trim_end().to_owned();
    (status.code(), text(stdout), text(stderr))
}

async fn sql(app: &TestApp, sql: &str) {
    let done = app.services.db.connection().execute_unprepared(sql).await;
    done.expect(sql);
}

/// Returns the stored scores of all messages and customers.
async fn stored(app: &TestApp) -> (Vec<(MessageId, Option<i16>)>, Vec<customer::Model>) {
    let db = app.services.db.connection();
    let messages = message::Entity::find().order_by_asc(message::Column::Id);
    let customers = customer::Entity::find().order_by_asc(customer::Column::Id);
    let rows = messages.all(db).await.expect("rows");
    (
        rows.into_iter()
            .map(|row| (row.id, row.sentiment_score))
            .collect(),
        customers.all(db).await.expect("rows"),
    )
}

/// Creates a workspace with a ticket of Ann that contains all test messages, a reply and a note.
async fn helpdesk(app: &TestApp, name: &str) -> (WorkspaceId, Person) {
    let workspace = app.workspace(name).await;
    let admin = app.admin_of(&[workspace]).await;
    let input = json!({ "subject": "Help", "customerEmail": "ann@example.com", "body": TEXTS[0] });
    let made = app.wrote(&admin, "ticketCreate", json!({ "input": input })).await;
    let say = async |body: &str, direction: &str, internal: bool| {
        let input = json!({
            "target": { "ticketId": made["ticket"]["id"] }, "body": body, "direction": direction,
            "senderEmail": "ann@example.com", "isInternal": internal,
        });
        app.wrote(&admin, "messageAdd", json!({ "input": input })).await;
    };
    for body in &TEXTS[1..] {
        say(body, "INBOUND", false).await;
    }
    say(TEXTS[0], "OUTBOUND", false).await;
    say(TEXTS[2], "INBOUND", true).await;
    (workspace, admin)
}

async fn rescore_replaces_only_outdated_scores(app: TestApp) {
    let (one, admin) = helpdesk(&app, "One").await;
    helpdesk(&app, "Other").await;
    let exact = stored(&app).await;
    // The German message and the one after it, the reply and the note have no score.
    let none = exact.0.iter().filter(|(_, score)| score.is_none()).count();
    assert_eq!((exact.0.len(), none), (14, 8));
    let log = app.log(one).await;
    let said = |text: &str| (Some(0), text.to_owned(), String::new());
    assert_eq!(command(&app, &[]), said("10 messages, 0 scores replaced."));

    let damage = async || {
        sql(
            &app,
            "UPDATE message SET sentiment_score = -77 WHERE direction = 1 AND NOT internal",
        )
        .await;
        sql(
            &app,
            "UPDATE customer SET recent_score_count = 5, recent_score_sum = -385, newest_score_sum = -385",
        )
        .await;
        assert_eq!(differences(&app, false).await, Vec::<String>::new());
    };
    damage().await;
    assert_eq!(
        command(&app, &["--workspace", "Other"]),
        said("5 messages, 5 scores replaced.")
    );
    assert_eq!(command(&app, &[]), said("10 messages, 5 scores replaced."));
    // Neither versions, events, nor scores of replies and notes change.
    assert_eq!(stored(&app).await, exact);
    assert_eq!(app.log(one).await, log);
    let mood = app
        .ask(&admin, "{ customers { nodes { overallSentiment } } }", json!({}))
        .await;
    assert_eq!(mood.at("/customers/nodes/0/overallSentiment"), "NEUTRAL");

    damage().await;
    // Each workspace has one conversation.
    let first = conversation::Entity::find().order_by_asc(conversation::Column::Id);
    let first = first.one(app.services.db.connection()).await.expect("an answer");
    let first = first.expect("a conversation").id.to_string();
    assert_eq!(
        command(&app, &["--after", &first]),
        said("5 messages, 5 scores replaced.")
    );
    assert_eq!(command(&app, &[]), said("10 messages, 5 scores replaced."));
    assert_eq!(stored(&app).await, exact);
    assert_eq!(differences(&app, false).await, Vec::<String>::new());
}

async fn invalid_rescore_arguments_are_reported(app: TestApp) {
    helpdesk(&app, "One").await;
    let (code, lines, said) = command(&app, &["--sentiment", "false"]);
    assert_eq!((code, lines.as_str()), (Some(1), ""));
    assert!(said.contains("The setting sentiment is false"), "{said}");
    let (code, _, said) = command(&app, &["--after", "cust_1"]);
    assert_eq!((code, said.contains("--after")), (Some(2), true), "{said}");
    let (code, _, said) = command(&app, &["--workspace", "Nowhere"]);
    assert_eq!(
        (code, said.contains("No workspace has the id or name \"Nowhere\"")),
        (Some(1), true)
    );
}

async fn sums_are_exact_with_concurrent_writers(app: TestApp) {
    let (workspace, program) = program(&app).await;
    let write = async |n: usize| {
        let email = format!("{}@example.com", n % 3);
        let input = json!({ "subject": "Help", "customerEmail": email, "body": TEXTS[n % 4] });
        app.wrote(
            &program,
            "ticketCreate",
            json!({ "workspaceId": workspace.to_string(), "input": input }),
        )
        .await
    };
    for n in 0..30 {
        write(n).await;
    }
    sql(&app, "UPDATE message SET sentiment_score = -77").await;
    let mut told = Vec::new();
    let mut tell = |one| told.push(one);
    let (done, _) = tokio::join!(
        rescore(&app.services, RescoreOptions::default(), &mut tell),
        join_all((0..30).map(write))
    );
    done.expect("scored");
    let last = told.last().expect("a batch");
    assert!(last.replaced >= 30 && last.looked >= last.replaced, "{told:?}");
    assert_figures(&app, &program).await;
}

on_each_database!(
    with super::super::costly;
    rescore_replaces_only_outdated_scores,
    invalid_rescore_arguments_are_reported,
    sums_are_exact_with_concurrent_writers,
);
