//! Messages in other languages than English have no score.

use deskgraph::{
    auth::Viewer,
    import::{self, Input, KEVA},
    service::{
        import::Source,
        rescore::{RescoreOptions, rescore},
    },
};
use entity::{customer, message};
use sea_orm::{EntityTrait, QueryOrder};
use serde_json::{Value, json};

use crate::support::{TestApp, on_each_database};

const GERMAN: &str = "Die Lieferung ist leider kaputt angekommen.";
const ENGLISH: &str = "Where is my order? I have been waiting for three weeks.";

/// Returns whether each message has a score, by its text and in the order of ids.
async fn scored(app: &TestApp) -> Vec<(String, bool)> {
    let messages = message::Entity::find().order_by_asc(message::Column::Id);
    let rows = messages.all(app.services.db.connection()).await.expect("rows");
    rows.into_iter()
        .map(|row| (row.body, row.sentiment_score.is_some()))
        .collect()
}

/// Returns the number of scores that a new computation would change.
async fn replaced(app: &TestApp) -> u64 {
    let mut replaced = 0;
    let mut tell = |told: deskgraph::service::rescore::RescoreProgress| replaced = told.replaced;
    let done = rescore(&app.services, RescoreOptions::default(), &mut tell).await;
    done.expect("scored");
    replaced
}

async fn only_messages_in_english_count(app: TestApp) {
    let (_, admin) = app.admin().await;
    let mood = async |body: &str| -> Value {
        let input = json!({ "subject": "Help", "customerEmail": "ann@example.com", "body": body });
        app.wrote(&admin, "ticketCreate", json!({ "input": input })).await;
        let query = "{ customers { nodes { overallSentiment } } }";
        let answer = app.ask(&admin, query, json!({})).await;
        answer.at("/customers/nodes/0/overallSentiment")
    };
    // An English lexicon would find `die`.
    assert_eq!(
        mood("Die Lieferung ist da, und die Rechnung auch.").await,
        Value::Null
    );
    assert_eq!(mood("Спасибо!").await, Value::Null);
    assert_eq!(mood("Where is my order??").await, "NEUTRAL");
    assert_eq!(mood("I love the new version. Great work!").await, "POSITIVE");
    let customers = customer::Entity::find().all(app.services.db.connection()).await;
    assert_eq!(customers.expect("a row")[0].recent_score_count, 2);
}

async fn a_short_message_follows_its_thread(app: TestApp) {
    let (_, admin) = app.admin().await;
    let input = json!({ "subject": "Hilfe", "customerEmail": "ann@example.com", "body": "Danke!" });
    let made = app.wrote(&admin, "ticketCreate", json!({ "input": input })).await;
    let ticket = json!({ "ticketId": made["ticket"]["id"] });
    let conversation = &app
        .ask(
            &admin,
            "query($id: ID!) { ticket(id: $id) { conversation { id } } }",
            json!({ "id": made["ticket"]["id"] }),
        )
        .await
        .at("/ticket/conversation/id");
    let say = async |target: &Value, body: &str| {
        let input = json!({ "target": target, "body": body, "senderEmail": "ann@example.com" });
        app.wrote(&admin, "messageAdd", json!({ "input": input })).await;
    };
    say(&ticket, GERMAN).await;
    say(&ticket, "Super!").await;
    say(&json!({ "conversationId": conversation }), "Great!").await;
    let input = json!({
        "subject": "Mehr", "customerEmail": "ann@example.com", "body": "Gut!", "conversationId": conversation,
    });
    app.wrote(&admin, "ticketCreate", json!({ "input": input })).await;
    say(&ticket, ENGLISH).await;
    say(&ticket, "Thanks!").await;
    let expected = [
        ("Danke!", true),
        (GERMAN, false),
        ("Super!", false),
        ("Great!", false),
        ("Gut!", false),
        (ENGLISH, true),
        ("Thanks!", true),
    ];
    assert_eq!(
        scored(&app).await,
        expected.map(|(text, is)| (text.to_owned(), is))
    );
    assert_eq!(replaced(&app).await, 0);
}

async fn an_imported_message_follows_its_thread(app: TestApp) {
    let workspace = app.workspace("Test").await;
    let folder = tempfile::tempdir().expect("a folder");
    let messages = async |lines: &[(u32, &str)]| {
        let line = |(at, body): &(u32, &str)| {
            json!({
                "id": format!("m{at}"), "ticketId": "t1", "senderEmail": "ann@example.com", "body": body,
                "createdAt": format!("2026-01-01T00:00:{at:02}Z"),
            })
            .to_string()
        };
        let lines: Vec<String> = lines.iter().map(line).collect();
        for (name, text) in [
            ("customers", r#"{"id":"c1","email":"ann@example.com"}"#.to_owned()),
            (
                "tickets",
                r#"{"id":"t1","subject":"Hilfe","customerEmail":"ann@example.com"}"#.to_owned(),
            ),
            ("messages", lines.join("\n")),
        ] {
            std::fs::write(folder.path().join(format!("{name}.ndjson")), text).expect("written");
        }
        let viewer = Viewer::operator(workspace);
        let source = Source {
            viewer: &viewer,
            workspace,
            system: KEVA.system,
            strict: false,
            prefer_source: false,
            revive: false,
        };
        let input = Input::Folder(folder.path().to_owned());
        let running = Box::pin(import::run(&app.services, &source, &KEVA, &input, &|_| {}));
        running.await.expect("a report");
    };
    // Not in the order of their times, as can occur in files.
    messages(&[
        (3, "Super!"),
        (1, "Danke!"),
        (2, GERMAN),
        (5, ENGLISH),
        (6, "Thanks!"),
    ])
    .await;
    messages(&[(4, "Gut!"), (7, "Great!")]).await;
    let expected = [
        ("Super!", false),
        ("Danke!", true),
        (GERMAN, false),
        (ENGLISH, true),
        ("Thanks!", true),
        ("Gut!", false),
        ("Great!", true),
    ];
    assert_eq!(
        scored(&app).await,
        expected.map(|(text, is)| (text.to_owned(), is))
    );
    assert_eq!(replaced(&app).await, 0);
}

on_each_database!(
    only_messages_in_english_count,
    a_short_message_follows_its_thread,
    an_imported_message_follows_its_thread,
);
