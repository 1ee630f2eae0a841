//! Hidden data of a viewer: how it is recognized, and its replacement by nonexistent data for comparison.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use deskgraph::events::ChangeCursor;
use entity::{CustomerId, WorkspaceId};
use serde_json::Value;
use uuid::Uuid;

use super::field_queries::FieldAnswer;

/// Prefix of hidden words, and the prefix of the nonexistent words that replace them.
pub const HIDDEN: &str = "canary";
const ABSENT: &str = "absent";
/// Number of digits after the prefix of a word.
const FIGURES: usize = 4;

/// Hidden data.
#[derive(Clone, Debug, Default)]
pub struct Hidden {
    /// Ids by type.
    pub ids: BTreeMap<String, Vec<String>>,
    /// Texts to query with: words, and addresses that contain them.
    pub texts: Vec<String>,
    /// Cursors of lists that point to hidden rows.
    pub places: Vec<String>,
    /// Cursors of a hidden change log.
    pub positions: Vec<String>,
}

/// Returns the UUID in an id.
fn uuid(id: &str) -> Option<Uuid> {
    let (_, rest) = id.split_once('_')?;
    let read: Result<CustomerId, _> = format!("{}_{rest}", CustomerId::PREFIX).parse();
    read.ok().map(|id| id.0)
}

/// Returns an id of the same type that does not exist.
pub fn nothing(id: &str) -> String {
    let (kind, _) = id.split_once('_').expect("an id");
    let none = CustomerId(Uuid::max()).to_string();
    format!("{kind}{}", none.trim_start_matches(CustomerId::PREFIX))
}

impl Hidden {
    fn all(&self) -> impl Iterator<Item = &String> {
        self.ids.values().flatten()
    }

    /// Returns the hidden data in a text, except for data that was in the request.
    pub fn found_in(&self, text: &str, sent: &str) -> BTreeSet<String> {
        let words = text.match_indices(HIDDEN).map(|(at, _)| {
            let end = (at + HIDDEN.len() + FIGURES).min(text.len());
            text[at..end].to_owned()
        });
        let ids = self.all().filter(|id| text.contains(id.as_str())).cloned();
        let cursors = strings(text).filter(|one| self.is_contained_in(one));
        words
            .chain(ids)
            .chain(cursors.map(str::to_owned))
            .filter(|one| !sent.contains(one.as_str()))
            .collect()
    }

    /// Returns true if an opaque text contains hidden data.
    fn is_contained_in(&self, text: &str) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(text) else {
            return false;
        };
        let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        has(HIDDEN.as_bytes()) || self.all().filter_map(|id| uuid(id)).any(|id| has(id.as_bytes()))
    }

    /// Collects the cursors that point to hidden data from responses to a viewer who sees it.
    pub fn learn(&mut self, told: &[FieldAnswer]) {
        for answer in told {
            let cursors: Vec<&str> = strings(&answer.body)
                .filter(|one| self.is_contained_in(one))
                .collect();
            for one in cursors {
                let known = match one.parse::<ChangeCursor>() {
                    Ok(_) => &mut self.positions,
                    Err(_) => &mut self.places,
                };
                if !known.iter().any(|other| other == one) {
                    known.push(one.to_owned());
                }
            }
        }
    }

    /// Replaces hidden data in a request by nonexistent data.
    pub fn twin(&self, text: &str) -> String {
        let mut twin = text.to_owned();
        for cursor in self.places.iter().chain(&self.positions) {
            twin = twin.replace(cursor.as_str(), &self.with_unknown_id(cursor));
        }
        for id in self.all() {
            twin = twin.replace(id.as_str(), &nothing(id));
        }
        twin.replace(HIDDEN, ABSENT)
    }

    /// Replaces the id in a cursor by one that does not exist.
    fn with_unknown_id(&self, cursor: &str) -> String {
        if let Ok(position) = cursor.parse::<ChangeCursor>() {
            let workspace = WorkspaceId(Uuid::max());
            return ChangeCursor {
                workspace,
                ..position
            }
            .to_string();
        }
        let mut bytes = URL_SAFE_NO_PAD.decode(cursor).expect("a cursor");
        let known: Vec<Uuid> = self.all().filter_map(|id| uuid(id)).collect();
        for at in 0..bytes.len().saturating_sub(15) {
            if known.iter().any(|id| bytes[at..at + 16] == *id.as_bytes()) {
                // The nearest id: the same rows are before and after both.
                bytes[at + 15] ^= 1;
            }
        }
        for at in 0..bytes.len().saturating_sub(HIDDEN.len() - 1) {
            if bytes[at..].starts_with(HIDDEN.as_bytes()) {
                bytes[at..at + HIDDEN.len()].copy_from_slice(ABSENT.as_bytes());
            }
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

/// Returns the strings in quotation marks.
fn strings(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').filter(|one| one.len() > 20)
}

/// Replaces ids by their type and times by a placeholder. Two writes create different objects, so their responses
/// differ in these.
pub fn without_names(text: &str) -> String {
    let value: Value = serde_json::from_str(text).unwrap_or_else(|_| panic!("no JSON: {text}"));
    let mut value = value;
    mask_positions(&mut value);
    value.to_string()
}

fn mask_positions(value: &mut Value) {
    match value {
        Value::String(text) => {
            if text.parse::<ChangeCursor>().is_ok() {
                "a position".clone_into(text);
            } else if uuid(text).is_some() {
                text.truncate(text.find('_').unwrap_or_default());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask_positions),
        Value::Object(fields) => fields.values_mut().for_each(mask_positions),
        _ => {}
    }
}
