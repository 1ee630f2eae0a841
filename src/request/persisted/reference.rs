//! The name of a document in a request: Apollo's hash in `extensions.persistedQuery`, or `documentId`.

use async_graphql::Value;

use crate::request::{Sent, refusal::Refusal};

/// Where a hash is named.
const APOLLO: &str = "persistedQuery";
/// Where an id is named. Beside the document it is kept among the extensions.
pub const DOCUMENT_ID: &str = "documentId";
/// Before an id that is a hash, as the draft on persisted documents has it.
const PREFIX: &str = "sha256:";

/// A name of a document.
#[derive(Debug)]
pub struct Reference {
    /// A hash in small digits, or any other id as it is.
    pub id: String,
    /// Where it stands.
    place: &'static str,
}

impl Reference {
    /// That of a request, if it names a document.
    pub fn of(sent: &Sent) -> Result<Option<Self>, Refusal> {
        let id = sent.document_id.clone().map(Value::String);
        let id = id.or_else(|| sent.extensions.get(DOCUMENT_ID).cloned());
        let (place, id) = match (sent.extensions.get(APOLLO), id.as_ref()) {
            (Some(Value::Object(named)), _) => {
                if named.get("version") != Some(&Value::from(1)) {
                    return Err(bad_input("extensions.persistedQuery.version", "must be 1."));
                }
                ("extensions.persistedQuery.sha256Hash", named.get("sha256Hash"))
            }
            (None | Some(Value::Null), None | Some(Value::Null)) => return Ok(None),
            (None | Some(Value::Null), id) => (DOCUMENT_ID, id),
            (Some(_), _) => return Err(bad_input("extensions.persistedQuery", "must be an object.")),
        };
        match id {
            Some(Value::String(id)) => {
                let id = id.strip_prefix(PREFIX).unwrap_or(id);
                let id = if is_hash(id) {
                    id.to_ascii_lowercase()
                } else {
                    id.to_owned()
                };
                Ok(Some(Self { id, place }))
            }
            _ => Err(bad_input(place, "must be a text.")),
        }
    }

    /// It does not belong to the document beside it.
    pub fn mismatch(&self) -> Refusal {
        bad_input(self.place, "does not belong to the document in query.")
    }
}

fn bad_input(place: &str, reason: &str) -> Refusal {
    Refusal::Malformed(format!("{place}: {reason}"))
}

/// Whether an id looks like a SHA-256.
pub fn is_hash(id: &str) -> bool {
    id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}
