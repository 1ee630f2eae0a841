//! A request as it is sent.

use async_graphql::{Extensions, Variables};
use serde::Deserialize;

use super::persisted::Reference;

/// A request in a body, a message of a socket or an address: that of the library, with the id of a document.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Sent {
    /// The document; empty when one is only named. Null is none of both.
    pub query: String,
    /// Which of its operations.
    pub operation_name: Option<String>,
    /// Their values.
    pub variables: Variables,
    /// What else the client says.
    pub extensions: Extensions,
    /// The name of a document that is known here.
    pub document_id: Option<String>,
}

impl Sent {
    /// A document that is sent as text.
    pub fn text(query: impl Into<String>) -> Self {
        Self {
            query: query.into(),
            ..Self::default()
        }
    }

    /// Whether it names a document, well or badly.
    pub fn names_document(&self) -> bool {
        !matches!(Reference::of(self), Ok(None))
    }
}
