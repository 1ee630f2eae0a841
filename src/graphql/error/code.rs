//! The codes of errors outside payloads: a closed list.

/// The codes of errors outside payloads. The word of a code is the value of `extensions.code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, entity::Word)]
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
