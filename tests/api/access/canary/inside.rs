//! Data of a workspace that is hidden from its customers, and notes without the grant for them.

use std::collections::BTreeMap;

use deskgraph::auth::Grant;
use serde_json::{Value, json};

use super::{
    Outsider, all_of, assert_none, control,
    hidden::{HIDDEN, Hidden},
    plant::WordPlanter,
    sample::{OWN, SampleWorkspace},
    streams,
};
use crate::support::{Person, TestApp, on_each_database, text};

/// Returns the prefix of words for places that are hidden from customers.
fn not_for_customers(place: &str) -> &'static str {
    let of_others = ["team", "queue", "apiKey", "customerUpsert", "import", "deleted"];
    if of_others.iter().any(|begin| place.starts_with(begin)) {
        HIDDEN
    } else {
        notes(place)
    }
}

/// Returns the prefix of words for notes.
fn notes(place: &str) -> &'static str {
    if place.contains("internalNotes") {
        HIDDEN
    } else {
        OWN
    }
}

/// Returns the ids of all objects of the first customer.
async fn own_ids(app: &TestApp, sample: &SampleWorkspace) -> BTreeMap<&'static str, Vec<String>> {
    let query = "query($id: ID!) { customer(id: $id) { tickets { nodes { id assignedTo } } \
                 conversations { nodes { id assignees { id } } } messages { nodes { id } } } }";
    let id = json!({ "id": sample.things.id("Customer") });
    let found = app.ask(&sample.admin, query, id).await.at("/customer");
    let ids = |list: &str, field: &str| -> Vec<String> {
        let nodes = found[list]["nodes"].as_array().expect("a list");
        let texts = nodes.iter().filter_map(|node| node[field].as_str());
        texts.map(str::to_owned).collect()
    };
    let follow = found["conversations"]["nodes"].as_array().expect("a list");
    let follow = follow
        .iter()
        .flat_map(|node| node["assignees"].as_array().expect("a list"));
    let follow = follow.map(|agent| text(&agent["id"]).to_owned());
    BTreeMap::from([
        ("Customer", vec![sample.things.id("Customer").to_owned()]),
        ("Ticket", ids("tickets", "id")),
        ("Conversation", ids("conversations", "id")),
        ("Message", ids("messages", "id")),
        (
            "Agent",
            ids("tickets", "assignedTo").into_iter().chain(follow).collect(),
        ),
        ("Workspace", vec![sample.workspace.to_string()]),
    ])
}

/// Adds internal notes to the ticket and the conversation of the first customer.
async fn add_notes(app: &TestApp, sample: &SampleWorkspace, word: &str) -> Vec<String> {
    let mut ids = Vec::new();
    for target in [
        json!({ "ticketId": sample.things.id("Ticket") }),
        json!({ "conversationId": sample.things.id("Conversation") }),
    ] {
        let input = json!({
            "target": target, "body": word, "bodyHtml": format!("<p>{word}</p>"), "isInternal": true,
            "senderEmail": format!("{word}@example.com"), "senderName": word,
        });
        let made = app
            .wrote(&sample.admin, "messageAdd", json!({ "input": input }))
            .await;
        ids.push(text(&made["message"]["id"]).to_owned());
    }
    ids
}

/// Returns the stored rows with hidden data.
async fn hidden_rows(app: &TestApp, sample: &SampleWorkspace, hidden: &Hidden) -> Vec<String> {
    let all = all_of(app, sample.workspace).await;
    let lines = all
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let ids: Vec<&String> = hidden.ids.values().flatten().collect();
    let is_hidden = |line: &Value| ids.iter().any(|id| line["id"] == ***id);
    lines.filter(is_hidden).map(|line| line.to_string()).collect()
}

async fn a_customer_reads_only_its_own_data(app: TestApp) {
    let first = app.workspace("First").await;
    let schema = app.schema(&app.admin_of(&[first]).await).await;
    let sample = SampleWorkspace::new(&app, &schema, OWN, &not_for_customers).await;
    let mirror = SampleWorkspace::new(&app, &schema, OWN, &not_for_customers).await;
    let mut ann = Outsider::new("a customer", &sample.customer(&app), &sample.things, true);
    ann.mirror = Some((mirror.customer(&app), mirror.things.clone()));
    ann.same_log = true;
    let own = own_ids(&app, &sample).await;
    ann.look_before(&app, &schema).await;

    let garden = WordPlanter {
        app: &app,
        schema: &schema,
        workspace: sample.workspace,
        called: "own9999",
        first: 5_000,
        admin: &sample.admin,
        word: &|_| HIDDEN,
    };
    let planted = garden.plant().await;
    let mut things = planted.things.clone();
    things.look(&app, &sample.admin).await;
    let told = control::everything_is_found(&app, &schema, &sample.admin, &planted, &things).await;
    let mut hidden = Hidden {
        texts: control::texts(&planted, &things),
        ..Hidden::default()
    };
    hidden
        .texts
        .push(planted.at("customerUpdate.input.internalNotes").to_owned());
    // Objects of others come first, because requests use the first ids.
    for (noun, ids) in things.ids.iter().chain(&sample.things.ids) {
        let mine = own.get(noun.as_str()).map_or(&[][..], Vec::as_slice);
        let theirs = ids.iter().filter(|id| !mine.contains(id)).cloned();
        hidden.ids.entry(noun.clone()).or_default().extend(theirs);
    }
    hidden.ids.retain(|_, ids| !ids.is_empty());
    let whispered = add_notes(&app, &sample, "canary9998").await;
    hidden
        .ids
        .entry("Message".to_owned())
        .or_default()
        .extend(whispered);
    hidden
        .ids
        .entry("Agent".to_owned())
        .or_default()
        .push(sample.admin.id.clone());
    hidden.learn(&told);
    let before = hidden_rows(&app, &sample, &hidden).await;
    assert!(before.len() > 20, "{} hidden objects", before.len());

    let mut leaks = ann.look_again(&app, &schema, &hidden).await;
    leaks.extend(ann.ask(&app, &schema, &hidden).await);
    let mut sent = String::new();
    leaks.extend(ann.write(&app, &schema, &hidden, &mut sent).await);
    assert_eq!(hidden_rows(&app, &sample, &hidden).await, before);
    leaks.extend(streams::refused(&app, &schema, &ann, &hidden).await);
    let others = SampleWorkspace {
        planted,
        things,
        ..sample.clone()
    };
    leaks.extend(streams::followed(&app, &schema, &ann, &hidden, &sample, &others, &sent).await);
    assert_none(&leaks);
}

async fn a_key_without_the_grant_reads_no_notes(app: TestApp) {
    let first = app.workspace("First").await;
    let schema = app.schema(&app.admin_of(&[first]).await).await;
    let sample = SampleWorkspace::new(&app, &schema, OWN, &notes).await;
    let mirror = SampleWorkspace::new(&app, &schema, OWN, &notes).await;
    let key = async |sample: &SampleWorkspace| -> Person {
        let grants = [Grant::Read, Grant::Write, Grant::Admin];
        app.api_key(&[sample.workspace], &grants).await
    };
    let mut reader = Outsider::new("a key without notes", &key(&sample).await, &sample.things, true);
    reader.mirror = Some((key(&mirror).await, mirror.things.clone()));
    let words = sample.planted.words.iter();
    let hidden = Hidden {
        texts: words
            .filter(|(_, at)| at.contains("internalNotes"))
            .map(|(word, _)| word.clone())
            .collect(),
        ..Hidden::default()
    };
    assert_eq!(hidden.texts.len(), 3, "{:?}", hidden.texts);
    reader.look_before(&app, &schema).await;
    let mut leaks = reader.look_again(&app, &schema, &hidden).await;
    leaks.extend(reader.ask(&app, &schema, &hidden).await);
    let mut sent = String::new();
    leaks.extend(reader.write(&app, &schema, &hidden, &mut sent).await);
    leaks.extend(streams::followed(&app, &schema, &reader, &hidden, &sample, &mirror, &sent).await);
    assert_none(&leaks);
}

on_each_database!(
    with super::super::generous;
    a_customer_reads_only_its_own_data,
    a_key_without_the_grant_reads_no_notes,
);
