//! Control: a viewer with full access finds every word, in every field with text.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    field_queries::{FieldAnswer, everything},
    plant::PlantedWords,
};
use crate::support::{
    Person, TestApp,
    schema::{Root, Schema, Things},
};

/// Places whose words are stored but never returned.
const NEVER_SHOWN: [(&str, &str); 2] = [
    (".idempotencyKey", "stored only to recognize repeated requests"),
    ("deleted.email", "deleted with its customer"),
];

/// Text fields that contain no planted word.
const NO_WORD: [(&str, &str); 15] = [
    ("ApiKey.prefix", "random"),
    ("Change.name", "only fixed values"),
    ("Customer.timezone", "only fixed values"),
    ("ExternalReference.system", "given by the import"),
    ("TicketStats.key", KEYS),
    ("TicketStats.text", KEYS),
    ("AgentEdge.cursor", OPAQUE),
    ("QueueEdge.cursor", OPAQUE),
    ("TeamEdge.cursor", OPAQUE),
    ("ConversationEdge.cursor", OPAQUE),
    ("CustomerEdge.cursor", OPAQUE),
    ("MessageEdge.cursor", OPAQUE),
    ("TicketEdge.cursor", OPAQUE),
    ("PageInfo.endCursor", OPAQUE),
    ("PageInfo.startCursor", OPAQUE),
];

/// Requests for everything have no argument `groupBy`.
const KEYS: &str = "values of the keys by which the request groups";

/// Cursors are decoded before the search for words.
const OPAQUE: &str = "an opaque position in a list";

/// Requests everything and checks that every word is found.
pub async fn everything_is_found(
    app: &TestApp,
    schema: &Schema,
    admin: &Person,
    planted: &PlantedWords,
    things: &Things,
) -> Vec<FieldAnswer> {
    let (requests, ways) = everything(schema, things);
    let mut told = Vec::new();
    let mut fields = BTreeMap::new();
    for request in &requests {
        let answer = app.tell(admin, request).await;
        let body: Value = serde_json::from_str(&answer.body).expect("JSON");
        assert!(body.get("errors").is_none(), "{request}: {}", body["errors"]);
        let root = schema.root(Root::Query);
        let value = &body["data"]["f0"];
        let field = root
            .iter()
            .find(|field| request.contains(&format!("{{ f0: {}", field.name)))
            .expect("a root field");
        note(schema, &field.of.name, value, planted, &mut fields);
        told.push(answer);
    }
    let shown: BTreeSet<&String> = planted
        .words
        .keys()
        .filter(|word| told.iter().any(|answer| answer.body.contains(word.as_str())))
        .collect();
    let lost: Vec<_> = planted
        .words
        .iter()
        .filter(|(word, at)| !shown.contains(word) && !is_excused(at, planted))
        .collect();
    println!(
        "{ways} paths, {} of {} words found",
        shown.len(),
        planted.words.len()
    );
    assert!(
        lost.is_empty(),
        "words that were written and not found: {lost:#?}"
    );
    let excused: BTreeSet<&str> = NO_WORD.iter().map(|(field, _)| *field).collect();
    let empty: Vec<&String> = fields
        .iter()
        .filter(|(field, found)| !**found && !excused.contains(field.as_str()))
        .map(|(field, _)| field)
        .collect();
    assert!(empty.is_empty(), "text fields without a word: {empty:#?}");
    told
}

/// Returns true if no viewer is shown the text at this place: it is never returned, or it was overwritten and the
/// change log does not record it.
fn is_excused(at: &str, planted: &PlantedWords) -> bool {
    let over = at.replacen("Create.", "Update.", 1);
    NEVER_SHOWN.iter().any(|(end, _)| at.ends_with(end))
        || over != at && planted.words.values().any(|other| *other == over)
}

/// Records for each text field whether it contained a word.
fn note(
    schema: &Schema,
    of: &str,
    value: &Value,
    planted: &PlantedWords,
    fields: &mut BTreeMap<String, bool>,
) {
    match value {
        Value::Array(items) => items
            .iter()
            .for_each(|item| note(schema, of, item, planted, fields)),
        Value::Object(answer) => {
            let of = answer.get("__typename").and_then(Value::as_str).unwrap_or(of);
            for field in &schema.get(of).fields {
                let other_name = format!("{of}_{}", field.name);
                let Some(value) = answer.get(&field.name).or_else(|| answer.get(&other_name)) else {
                    continue;
                };
                if ["String", "JSON", "JSONObject"].contains(&field.of.name.as_str()) {
                    let text = value.to_string();
                    let found = planted.words.keys().any(|word| text.contains(word.as_str()));
                    *fields.entry(format!("{of}.{}", field.name)).or_default() |= found;
                }
                note(schema, &field.of.name, value, planted, fields);
            }
        }
        _ => {}
    }
}

/// Returns the texts to query with, such as external ids and addresses.
pub fn texts(planted: &PlantedWords, things: &Things) -> Vec<String> {
    let words = ["customerUpdate.input.externalId"];
    let words = words.map(|at| planted.at(at).to_owned());
    words.into_iter().chain([things.email.clone()]).collect()
}
