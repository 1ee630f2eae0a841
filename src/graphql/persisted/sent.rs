//! A request as it is sent.

use async_graphql::{Extensions, Request, Value, Variables};
use serde::Deserialize;

use super::reference::DOCUMENT_ID;

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

impl From<Sent> for Request {
    fn from(sent: Sent) -> Self {
        let mut request = Self::new(sent.query).variables(sent.variables);
        request.operation_name = sent.operation_name;
        request.extensions = sent.extensions;
        if let Some(id) = sent.document_id {
            let extensions = &mut request.extensions;
            extensions.insert(DOCUMENT_ID.to_owned(), Value::String(id));
        }
        request
    }
}
