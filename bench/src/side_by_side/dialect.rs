//! Requests of each server for the same data.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{question::Question, sample::Pick};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const STATUSES: [&str; 4] = ["OPEN", "PENDING", "SOLVED", "CLOSED"];
const SENDER: &str = "agent-0@desk.example.com";

/// The API of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// The gateway's schema.
    Gateway,
    /// The gateway's schema with plain UUIDs, as served by another server.
    Mercurius,
    /// The schema that PostGraphile generates from the tables.
    Postgraphile,
    /// The schema that Seaography generates from the tables.
    Seaography,
    /// No GraphQL: the path selects the query.
    Limit,
}

impl Dialect {
    /// Returns the document of a query. `None` if the server does not support the query.
    pub fn document(self, question: Question) -> Option<&'static str> {
        use Question as Q;
        macro_rules! file {
            ($folder:literal, $name:literal) => {
                Some(include_str!(concat!(
                    "../../questions/",
                    $folder,
                    "/",
                    $name,
                    ".graphql"
                )))
            };
        }
        match (self, question) {
            // Only the gateway writes a change log, so several workspaces make a difference only for it.
            (Self::Gateway | Self::Mercurius, Q::M1) | (Self::Gateway, Q::M64) => file!("gateway", "m1"),
            // Seaography has no computed fields.
            (_, Q::M64) | (Self::Seaography, Q::Q4) => None,
            (Self::Limit, _) => Some(""),
            (Self::Gateway | Self::Mercurius, Q::Q1) => file!("gateway", "q1"),
            (Self::Gateway | Self::Mercurius, Q::Q2) => file!("gateway", "q2"),
            (Self::Gateway | Self::Mercurius, Q::Q3) => file!("gateway", "q3"),
            (Self::Gateway | Self::Mercurius, Q::Q4) | (Self::Gateway, Q::Q4s) => file!("gateway", "q4"),
            (Self::Mercurius, Q::Q4s) => file!("mercurius", "q4s"),
            (Self::Gateway | Self::Mercurius, Q::Q5) => file!("gateway", "q5"),
            (Self::Gateway | Self::Mercurius, Q::Q6) => file!("gateway", "q6"),
            (Self::Postgraphile, Q::Q1) => file!("postgraphile", "q1"),
            (Self::Postgraphile, Q::Q2) => file!("postgraphile", "q2"),
            (Self::Postgraphile, Q::Q3) => file!("postgraphile", "q3"),
            (Self::Postgraphile, Q::Q4) => file!("postgraphile", "q4"),
            (Self::Postgraphile, Q::Q4s) => file!("postgraphile", "q4s"),
            (Self::Postgraphile, Q::Q5) => file!("postgraphile", "q5"),
            (Self::Postgraphile, Q::Q6) => file!("postgraphile", "q6"),
            (Self::Postgraphile, Q::M1) => file!("postgraphile", "m1"),
            (Self::Seaography, Q::Q1) => file!("seaography", "q1"),
            (Self::Seaography, Q::Q2) => file!("seaography", "q2"),
            (Self::Seaography, Q::Q3) => file!("seaography", "q3"),
            (Self::Seaography, Q::Q4s) => file!("seaography", "q4s"),
            (Self::Seaography, Q::Q5) => file!("seaography", "q5"),
            (Self::Seaography, Q::Q6) => file!("seaography", "q6"),
            (Self::Seaography, Q::M1) => file!("seaography", "m1"),
        }
    }

    /// Returns the path of a query.
    pub fn path(self, question: Question) -> String {
        match self {
            Self::Limit => format!("/{}", question.key()),
            _ => "/graphql".to_owned(),
        }
    }

    /// Returns the body of a request.
    pub fn body(self, question: Question, pick: &Pick, workspace: u128) -> Option<String> {
        let document = self.document(question)?;
        let variables = self.variables(question, pick, workspace);
        let body = match self {
            Self::Limit => json!({ "variables": variables }),
            _ => json!({ "query": document, "variables": variables }),
        };
        Some(body.to_string())
    }

    fn variables(self, question: Question, pick: &Pick, workspace: u128) -> Value {
        let word = || STATUSES[usize::from(pick.status) - 1];
        let text = || {
            format!(
                "Thank you for waiting: your request number {} is done.",
                pick.number
            )
        };
        match (question, self) {
            (Question::Q1, Self::Gateway | Self::Mercurius | Self::Limit) => {
                json!({ "id": self.id("tkt", pick.ticket) })
            }
            (Question::Q1, _) => json!({ "id": self.id("tkt", pick.ticket), "workspace": plain(workspace) }),
            (Question::Q2 | Question::Q3, Self::Gateway | Self::Mercurius) => json!({ "status": [word()] }),
            (Question::Q2 | Question::Q3, Self::Limit) => json!({ "status": pick.status }),
            (Question::Q2 | Question::Q3, _) => {
                json!({ "status": pick.status, "workspace": plain(workspace) })
            }
            (Question::Q4 | Question::Q4s, _) => json!({ "ids": self.ids("cust", &pick.customers) }),
            (Question::Q5, _) => json!({ "ids": self.ids("cust", &pick.busy) }),
            (Question::Q6, Self::Gateway | Self::Mercurius | Self::Limit) => json!({}),
            (Question::Q6, _) => json!({ "workspace": plain(workspace) }),
            (Question::M1 | Question::M64, Self::Gateway | Self::Mercurius) => json!({ "input": {
                "target": { "ticketId": self.id("tkt", pick.ticket) }, "direction": "OUTBOUND",
                "senderEmail": SENDER, "body": text(),
            } }),
            (Question::M1 | Question::M64, _) => {
                json!({ "id": self.id("tkt", pick.ticket), "sender": SENDER, "body": text() })
            }
        }
    }

    fn id(self, prefix: &str, id: u128) -> String {
        match self {
            Self::Gateway => type_id(prefix, id),
            _ => plain(id),
        }
    }

    fn ids(self, prefix: &str, ids: &[u128]) -> Vec<String> {
        ids.iter().map(|id| self.id(prefix, *id)).collect()
    }
}

fn plain(id: u128) -> String {
    Uuid::from_u128(id).to_string()
}

/// Returns an id in the gateway's format: a prefix, and base 32 with five bits per character.
fn type_id(prefix: &str, id: u128) -> String {
    let letter = |place: u32| char::from(ALPHABET[usize::try_from(id >> (5 * place) & 31).unwrap_or(0)]);
    let letters: String = (0..26).rev().map(letter).collect();
    format!("{prefix}_{letters}")
}

/// Converts such an id into a UUID. Ignores the prefix.
pub fn read_type_id(text: &str) -> Option<String> {
    let (prefix, letters) = text.split_once('_')?;
    if letters.len() != 26 || prefix.is_empty() || !prefix.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let id = letters.bytes().try_fold(0_u128, |value, byte| {
        let digit = ALPHABET.iter().position(|letter| *letter == byte)?;
        Some(value << 5 | digit as u128)
    });
    id.map(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_type_ids_are_read_back_unchanged() {
        let id = 0x0193_5f3a_7c1e_7abc_8def_0123_4567_89ab;
        assert_eq!(type_id("tkt", id), "tkt_01jdfkmz0yfay8vvr14d2pf2db");
        assert_eq!(read_type_id(&type_id("tkt", id)), Some(plain(id)));
        assert_eq!(read_type_id("tkt_short"), None);
        assert_eq!(read_type_id("Thank_you for waiting, dear reader"), None);
    }
}
