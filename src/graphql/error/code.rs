//! The codes of errors outside payloads: a closed list.

/// The codes of errors outside payloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// No credential, or a credential that is not accepted.
    Unauthenticated,
    /// The viewer has no permission.
    Forbidden,
    /// The document or an argument is malformed.
    BadUserInput,
    /// No document with this hash is stored. The client sends the document with the next request.
    PersistedQueryNotFound,
    /// The server stores no documents by hash.
    PersistedQueryNotSupported,
    /// Only trusted documents run, and this is not one of them.
    DocumentNotTrusted,
    /// The viewer has several workspaces and named none.
    WorkspaceRequired,
    /// The document is too deep.
    QueryTooDeep,
    /// The document or the body exceeds a limit on size or cost.
    QueryTooCostly,
    /// The response exceeds its limit in bytes.
    AnswerTooLarge,
    /// The caller exceeded its rate limit.
    RateLimited,
    /// The events after the cursor are no longer stored, or the cursor belongs to another history.
    CursorExpired,
    /// The client reads too slowly. It continues from the cursor.
    SlowConsumer,
    /// The object was deleted while the request was processed.
    Gone,
    /// A time limit was exceeded.
    Timeout,
    /// The database is temporarily unavailable.
    Unavailable,
    /// An internal error.
    Internal,
}

impl Code {
    /// The value of `extensions.code`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::PersistedQueryNotSupported => "PERSISTED_QUERY_NOT_SUPPORTED",
            Self::DocumentNotTrusted => "DOCUMENT_NOT_TRUSTED",
            Self::WorkspaceRequired => "WORKSPACE_REQUIRED",
            Self::QueryTooDeep => "QUERY_TOO_DEEP",
            Self::QueryTooCostly => "QUERY_TOO_COSTLY",
            Self::AnswerTooLarge => "ANSWER_TOO_LARGE",
            Self::RateLimited => "RATE_LIMITED",
            Self::CursorExpired => "CURSOR_EXPIRED",
            Self::SlowConsumer => "SLOW_CONSUMER",
            Self::Gone => "GONE",
            Self::Timeout => "TIMEOUT",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}
