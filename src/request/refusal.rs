//! Why a request is not run.

use std::sync::Arc;

use super::{
    disclosure::Redaction,
    limits::{Excess, TooLong, Wait},
    validation::Mistakes,
};

/// Why a request is not run. The text of each answer is made where all error answers are made.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// The viewer lacks a grant. The sentence names it.
    Forbidden(&'static str),
    /// The request is malformed: a sentence.
    Malformed(String),
    /// A number in the JSON has more digits than 64 bits hold.
    TooLong(TooLong),
    /// The document is named by an id that is not known. The client sends the document again.
    UnknownDocument,
    /// No document can be named by an id. The client sends documents from now on.
    NamesNoDocuments,
    /// Only trusted documents run, and this is not one of them.
    Untrusted,
    /// The document selects introspection fields, and introspection is off.
    Introspection,
    /// A limit is exceeded.
    Excess(Excess),
    /// The caller has too little of its quota left.
    RateLimited(Wait),
    /// The document, or a value of its variables, is invalid.
    Invalid(Invalid),
}

/// An invalid request. It was paid for.
#[derive(Clone, Debug)]
pub struct Invalid {
    /// What is wrong.
    pub mistakes: Arc<Mistakes>,
    /// What is removed from the errors.
    pub redaction: Redaction,
    /// The cost that was paid.
    pub cost: u64,
    /// The request wants its cost reported.
    pub reports_cost: bool,
}

impl From<Excess> for Refusal {
    fn from(excess: Excess) -> Self {
        Self::Excess(excess)
    }
}
