//! The id of a document in a request: Apollo's hash in `extensions.persistedQuery`, or `documentId`.

use async_graphql::Value;

use crate::request::{refusal::Refusal, sent::Sent};

/// The extension with a hash.
const APOLLO: &str = "persistedQuery";
/// The field, or the extension, with an id.
pub const DOCUMENT_ID: &str = "documentId";
/// The prefix of an id that is a hash, as in the draft of persisted documents.
const PREFIX: &str = "sha256:";

/// The id of a document, as a request gives it.
#[derive(Debug)]
pub struct Reference {
    /// A hash in lower-case digits, or any other id unchanged.
    pub id: String,
    /// The path of the field that gives it.
    place: &'static str,
}

impl Reference {
    /// That of a request; none when it gives no id.
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

/// Whether an id looks like a SHA-256.
pub fn is_hash(id: &str) -> bool {
    id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Sent {
    /// Whether it gives an id of a document, valid or not.
    pub fn names_document(&self) -> bool {
        !matches!(Reference::of(self), Ok(None))
    }
}
