//! A request as it arrived.

use async_graphql::{Extensions, Variables};
use serde::Deserialize;

/// A request in a body, a message of a socket or a URL.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Sent {
    /// The document; empty when the request gives an id only. Null is refused.
    pub query: String,
    pub operation_name: Option<String>,
    pub variables: Variables,
    pub extensions: Extensions,
    /// The id of a persisted document.
    pub document_id: Option<String>,
}

impl Sent {
    /// A request with a document and nothing else.
    pub fn text(query: impl Into<String>) -> Self {
        Self {
            query: query.into(),
            ..Self::default()
        }
    }
}
