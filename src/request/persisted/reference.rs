//! The id of a document in a request: Apollo's hash in `extensions.persistedQuery`, or `documentId`.

use async_graphql::Value;

use crate::request::{refusal::Refusal, sent::Sent};

/// The extension that contains a hash.
const APOLLO: &str = "persistedQuery";
/// The field or the extension that contains an id.
pub const DOCUMENT_ID: &str = "documentId";
/// The prefix of a hash, from the draft specification of persisted documents.
const PREFIX: &str = "sha256:";

/// The id of a document in a request.
#[derive(Debug)]
pub struct Reference {
    /// The id. A hash is converted to lower case.
    pub id: String,
    /// The path of the field that contains the id.
    place: &'static str,
}

impl Reference {
    /// Reads the id of a request; none if it gives no id.
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

    /// The refusal of an id that does not belong to the document in the same request.
    pub fn mismatch(&self) -> Refusal {
        bad_input(self.place, "does not belong to the document in query.")
    }
}

fn bad_input(place: &str, reason: &str) -> Refusal {
    Refusal::Malformed(format!("{place}: {reason}"))
}

/// Whether an id has the form of a SHA-256 hash.
pub fn is_hash(id: &str) -> bool {
    id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Sent {
    /// Whether the request gives a document id, valid or not.
    pub fn names_document(&self) -> bool {
        !matches!(Reference::of(self), Ok(None))
    }
}
