//! The reasons to refuse a request.

use std::sync::Arc;

use super::{
    disclosure::Redaction,
    limits::{Excess, TooLong, Wait},
    validation::Mistakes,
};

/// The reason to refuse a request. The `graphql` module writes the error messages.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// The viewer lacks a grant. The text names the grant.
    Forbidden(&'static str),
    /// The request is malformed. The text is the error message.
    Malformed(String),
    /// A number in the JSON does not fit into 64 bits.
    TooLong(TooLong),
    /// The request gives an unknown document id. The client sends the text of the document instead.
    UnknownDocument,
    /// The server accepts no document ids. The client sends the text of every document.
    NamesNoDocuments,
    /// Only trusted documents run, and this is not one of them.
    Untrusted,
    /// The document selects introspection fields, and introspection is off.
    Introspection,
    Excess(Excess),
    /// The caller has too little of its quota left.
    RateLimited(Wait),
    /// The document, or a value of its variables, is invalid.
    Invalid(Invalid),
}

/// An invalid request. Its cost was taken from the quota.
#[derive(Clone, Debug)]
pub struct Invalid {
    /// The errors of the document or its variables.
    pub mistakes: Arc<Mistakes>,
    pub redaction: Redaction,
    pub cost: u64,
    pub reports_cost: bool,
}

impl From<Excess> for Refusal {
    fn from(excess: Excess) -> Self {
        Self::Excess(excess)
    }
}
