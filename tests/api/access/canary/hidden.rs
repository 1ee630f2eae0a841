//! What somebody must not be shown: how it is told from the rest, and what stands in its place where it is compared
//! with what does not exist.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use deskgraph::events::ChangeCursor;
use entity::{CustomerId, WorkspaceId};
use serde_json::Value;
use uuid::Uuid;

use super::sights::Told;

/// What hidden words begin with, and what stands for them where nothing is there.
pub const HIDDEN: &str = "canary";
const ABSENT: &str = "absent";
/// Figures behind the beginning of a word.
const FIGURES: usize = 4;

/// What must not be shown.
#[derive(Clone, Debug, Default)]
pub struct Hidden {
    /// Ids by the type of the thing.
    pub ids: BTreeMap<String, Vec<String>>,
    /// Texts to ask with: words, and addresses made of them.
    pub texts: Vec<String>,
    /// Places in lists behind which something hidden lies.
    pub places: Vec<String>,
    /// Positions in a change log that is hidden.
    pub positions: Vec<String>,
}

/// The raw form of an id.
fn uuid(id: &str) -> Option<Uuid> {
    let (_, rest) = id.split_once('_')?;
    let read: Result<CustomerId, _> = format!("{}_{rest}", CustomerId::PREFIX).parse();
    read.ok().map(|id| id.0)
}

/// An id of the same kind that nothing has.
pub fn nothing(id: &str) -> String {
    let (kind, _) = id.split_once('_').expect("an id");
    let none = CustomerId(Uuid::max()).to_string();
    format!("{kind}{}", none.trim_start_matches(CustomerId::PREFIX))
}

impl Hidden {
    fn all(&self) -> impl Iterator<Item = &String> {
        self.ids.values().flatten()
    }

    /// Everything in a text that must not be there, but for what was sent.
    pub fn found_in(&self, text: &str, sent: &str) -> BTreeSet<String> {
        let words = text.match_indices(HIDDEN).map(|(at, _)| {
            let end = (at + HIDDEN.len() + FIGURES).min(text.len());
            text[at..end].to_owned()
        });
        let ids = self.all().filter(|id| text.contains(id.as_str())).cloned();
        let cursors = strings(text).filter(|one| self.lies_in(one));
        words
            .chain(ids)
            .chain(cursors.map(str::to_owned))
            .filter(|one| !sent.contains(one.as_str()))
            .collect()
    }

    /// Whether something hidden lies in an opaque text.
    fn lies_in(&self, text: &str) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(text) else {
            return false;
        };
        let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        has(HIDDEN.as_bytes()) || self.all().filter_map(|id| uuid(id)).any(|id| has(id.as_bytes()))
    }

    /// Takes the cursors that lead to something hidden out of what somebody was told who sees it.
    pub fn learn(&mut self, told: &[Told]) {
        for answer in told {
            let cursors: Vec<&str> = strings(&answer.body).filter(|one| self.lies_in(one)).collect();
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

    /// The same text about what does not exist.
    pub fn twin(&self, text: &str) -> String {
        let mut twin = text.to_owned();
        for cursor in self.places.iter().chain(&self.positions) {
            twin = twin.replace(cursor.as_str(), &self.nowhere(cursor));
        }
        for id in self.all() {
            twin = twin.replace(id.as_str(), &nothing(id));
        }
        twin.replace(HIDDEN, ABSENT)
    }

    /// The same cursor, behind something that does not exist.
    fn nowhere(&self, cursor: &str) -> String {
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
                // Its nearest neighbour: whatever lies behind the one lies behind the other.
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

/// What stands between quotation marks.
fn strings(text: &str) -> impl Iterator<Item = &str> {
    text.split('"').filter(|one| one.len() > 20)
}

/// A text in which things are called by their kind, and times by none: of two writes, each makes things of its own.
pub fn without_names(text: &str) -> String {
    let value: Value = serde_json::from_str(text).unwrap_or_else(|_| panic!("no JSON: {text}"));
    let mut value = value;
    forget(&mut value);
    value.to_string()
}

fn forget(value: &mut Value) {
    match value {
        Value::String(text) => {
            if text.parse::<ChangeCursor>().is_ok() {
                "a position".clone_into(text);
            } else if uuid(text).is_some() {
                text.truncate(text.find('_').unwrap_or_default());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(forget),
        Value::Object(fields) => fields.values_mut().for_each(forget),
        _ => {}
    }
}
