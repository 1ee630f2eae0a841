//! After a customer is erased, the database files contain none of its words. On PostgreSQL, this depends on
//! maintenance, which docs/operating.md describes.

use std::{collections::BTreeSet, fs, path::PathBuf};

use deskgraph::service::Patch;
use serde_json::{Value, json};

use super::{customer, update};
use crate::support::{
    Person, TestApp,
    fill::{self, Rows},
    text,
};

/// Creates unique words and records them.
struct Words {
    of: &'static str,
    all: BTreeSet<String>,
}

impl Words {
    fn of(of: &'static str) -> Self {
        let all = BTreeSet::new();
        Self { of, all }
    }

    fn one(&mut self, field: &str) -> String {
        let word = format!("{}q{}z{}", self.of, self.all.len(), field.to_lowercase());
        self.all.insert(word.clone());
        word
    }

    fn email(&mut self, field: &str) -> String {
        format!("{}@example.com", self.one(field))
    }

    /// Returns the words that are in the database files or in a backup.
    async fn found(&self, app: &TestApp) -> Vec<&str> {
        let folder = tempfile::tempdir().expect("a folder");
        let backup = folder.path().join("backup.db");
        let name = backup.to_string_lossy();
        let copied = deskgraph::store::backup::copy_unscoped(&app.services.db, &name).await;
        copied.expect("a backup");
        assert!(fs::metadata(&backup).is_ok_and(|backup| backup.len() > 0));
        let bytes: Vec<u8> = files(app)
            .into_iter()
            .chain([backup])
            .flat_map(|file| fs::read(file).unwrap_or_default())
            .collect();
        let bytes = String::from_utf8_lossy(&bytes).to_lowercase();
        let is_there = |word: &&String| bytes.contains(word.as_str());
        self.all.iter().filter(is_there).map(String::as_str).collect()
    }
}

/// The database file and its write-ahead log.
fn files(app: &TestApp) -> [PathBuf; 2] {
    let url = app.settings.database_url.reveal();
    let path = url.strip_prefix("sqlite://").expect("a file");
    ["", "-wal"].map(|end| PathBuf::from(format!("{path}{end}")))
}

/// Waits until the node has truncated the write-ahead log.
async fn log_is_empty(app: &TestApp) {
    let [_, log] = files(app);
    while fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        tokio::task::yield_now().await;
    }
}

/// Creates a customer with words in all text fields.
async fn profile(app: &TestApp, person: &Person, words: &mut Words) -> (Value, String) {
    let email = words.email("email");
    let fields = |words: &mut Words| {
        let mut fields = json!({
            "emails": [{ "email": email, "type": words.one("emailType") }, { "email": words.email("second") }],
            "phones": [{ "phone": words.one("phone"), "type": words.one("phoneType") }],
            "tags": [words.one("tag")], "timezone": "Europe/Berlin",
            "customFields": { words.one("key"): { words.one("inner"): [words.one("value")] } },
        });
        for field in [
            "name",
            "displayName",
            "firstName",
            "lastName",
            "username",
            "displayColor",
            "displayIcon",
            "company",
            "jobTitle",
            "location",
            "internalNotes",
            "externalId",
            "salesforceContactId",
            "hubspotContactId",
            "hubspotCompanyId",
        ] {
            fields[field] = words.one(field).into();
        }
        fields["avatarUrl"] = format!("https://example.com/{}", words.one("avatar")).into();
        fields
    };
    let id = customer(app, person, fields(words)).await["id"].clone();
    for _ in 0..2 {
        update(app, person, &id, fields(words)).await;
    }
    (id, email)
}

/// Creates a ticket, a conversation and messages with words in all text fields, and changes most of them.
async fn cases(app: &TestApp, person: &Person, words: &mut Words, id: &Value, email: &str) {
    let input = json!({
        "subject": words.one("subject"), "customerEmail": email, "customerName": words.one("customerName"),
        "source": words.one("source"), "tags": [words.one("ticketTag")], "body": words.one("body"),
        "bodyHtml": format!("<p>{}</p>", words.one("html")),
        "customFields": { words.one("ticketKey"): words.one("ticketValue") },
    });
    let variables = json!({ "input": input, "idempotencyKey": id });
    let made = app.wrote(person, "ticketCreate", variables).await;
    let (ticket, thread) = (&made["ticket"]["id"], &made["ticket"]["conversation"]["id"]);
    for _ in 0..2 {
        let input = json!({
            "subject": words.one("subject"), "resolutionType": words.one("resolution"), "status": "SOLVED",
            "tags": [words.one("ticketTag")], "customFields": { words.one("ticketKey"): words.one("ticketValue") },
        });
        app.wrote(person, "ticketUpdate", json!({ "id": ticket, "input": input }))
            .await;
        let input = json!({
            "name": words.one("thread"), "tags": [words.one("threadTag")],
            "customFields": { words.one("threadKey"): words.one("threadValue") },
        });
        app.wrote(
            person,
            "conversationUpdate",
            json!({ "id": thread, "input": input }),
        )
        .await;
        for internal in [false, true] {
            // Longer than a page.
            let body = format!("{} ", words.one("long")).repeat(700);
            let input = json!({
                "target": { "ticketId": ticket }, "body": body, "bodyHtml": format!("<p>{}</p>", words.one("html")),
                "senderEmail": email, "senderName": words.one("senderName"), "isInternal": internal,
            });
            app.wrote(person, "messageAdd", json!({ "input": input })).await;
        }
    }
    let input = json!({ "customer": { "id": id }, "channel": words.one("channel"), "externalId": words.one("threadId") });
    app.wrote(person, "conversationCreate", json!({ "input": input }))
        .await;
}

#[tokio::test]
async fn database_files_contain_no_text_of_erased_customers() {
    let app = TestApp::sqlite().await;
    let (_, admin) = app.admin().await;
    let (mut others, mut mine) = (Words::of("other"), Words::of("mine"));
    // Some rows stay and some are deleted, so that pages are shared, split and merged.
    for round in 0..20 {
        let (id, email) = profile(&app, &admin, &mut others).await;
        cases(&app, &admin, &mut others, &id, &email).await;
        if round % 3 == 0 {
            app.wrote(&admin, "customerDelete", json!({ "id": id })).await;
        }
    }
    let (id, email) = profile(&app, &admin, &mut mine).await;
    cases(&app, &admin, &mut mine, &id, &email).await;
    assert!(!mine.found(&app).await.is_empty());
    app.wrote(&admin, "customerDelete", json!({ "id": id })).await;
    log_is_empty(&app).await;
    assert_eq!(mine.found(&app).await, Vec::<&str>::new());
}

/// After an import of many rows, the database stores samples of texts as planner statistics.
#[tokio::test]
async fn database_files_contain_no_erased_imports_or_statistics() {
    let app = TestApp::sqlite().await;
    let (workspace, admin) = app.admin().await;
    let (mut rows, mut words) = (Rows::default(), Words::of("many"));
    for index in 0..100 {
        let word = words.email("imported");
        let word = word.split('@').next().expect("a word").to_owned();
        let mut one = fill::customer(&word);
        for field in [
            &mut one.fields.name,
            &mut one.fields.company,
            &mut one.fields.external_id,
        ] {
            *field = Patch::Set(words.one("sampled"));
        }
        let ticket = words.one("ticketId");
        rows.messages.push(fill::message(
            &words.one("messageId"),
            &ticket,
            &fill::email_of(&word),
        ));
        rows.tickets.push(fill::ticket(&ticket, &word));
        rows.tickets[index].source = words.one("source");
        rows.customers.push(one);
    }
    app.fill(workspace, &rows).await;
    app.services.db.analyze().await.expect("counted");
    let list = "{ customers(first: 100) { nodes { id } } }";
    loop {
        let page = app.ask(&admin, list, json!({})).await.at("/customers/nodes");
        let ids = page.as_array().expect("customers").clone();
        if ids.is_empty() {
            break;
        }
        for one in ids {
            app.wrote(&admin, "customerDelete", json!({ "id": text(&one["id"]) }))
                .await;
        }
    }
    log_is_empty(&app).await;
    assert_eq!(words.found(&app).await, Vec::<&str>::new());
}
