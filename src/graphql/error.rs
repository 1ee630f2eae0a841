//! Failures as answers: a closed list of codes, and the one place where each is made.
//!
//! What a caller of a mutation can get wrong is in the payload's `userErrors`; here is everything else. Causes never
//! leave the process: an internal error carries the id of its request, and the log has the rest under that id.

use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, Response, ServerError, Value};

use crate::{
    auth::policy::Denied,
    budget::Exceeded,
    events::{ChangeCursor, StreamError},
    request::{Excess, INTROSPECTION, Limit, Refusal, TooLong, Wait},
    service::{self, wording},
    store::StoreError,
};

/// What resolvers answer.
pub type Result<T, E = async_graphql::Error> = std::result::Result<T, E>;

/// The codes of errors outside payloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// No credential, or one that is not accepted.
    Unauthenticated,
    /// The viewer may not do this.
    Forbidden,
    /// The document or an argument is malformed.
    BadUserInput,
    /// No document of this name is known; it is to be sent along.
    PersistedQueryNotFound,
    /// No documents are known by name.
    PersistedQueryNotSupported,
    /// Only trusted documents are run, and this is none.
    DocumentNotTrusted,
    /// The viewer sees several workspaces and named none.
    WorkspaceRequired,
    /// The document is too deep.
    QueryTooDeep,
    /// The document selects too much.
    QueryTooCostly,
    /// The answer has more bytes than one may have.
    AnswerTooLarge,
    /// The caller asked for too much in a while.
    RateLimited,
    /// What lies behind the cursor is no longer kept, or it is of another history.
    CursorExpired,
    /// The listener was too slow; goes on from the cursor.
    SlowConsumer,
    /// What was to be shown was deleted while the answer was made.
    Gone,
    /// It took longer than it may.
    Timeout,
    /// The database cannot work at the moment.
    Unavailable,
    /// Our fault.
    Internal,
}

impl Code {
    /// As it stands in `extensions.code`.
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

/// Where an error tells from which position to go on.
const CURSOR: &str = "cursor";

/// What is said of what took too long.
const TIMEOUT: &str =
    "The time limit was exceeded. Request less data at once: smaller pages or fewer nested lists.";

/// What is said while the database cannot work.
const UNAVAILABLE: &str =
    "The service is temporarily unavailable. Retry after the number of seconds in `retryAfter`.";

/// How long to wait then.
const UNAVAILABLE_SECONDS: u64 = 1;

/// What an internal error says.
const INTERNAL: &str = "An internal error occurred. Include the `requestId` when you report it.";

fn error(code: Code, message: impl Into<String>) -> async_graphql::Error {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code.name());
    async_graphql::Error {
        message: message.into(),
        source: None,
        extensions: Some(extensions),
    }
}

fn with(mut error: async_graphql::Error, name: &str, value: impl Into<Value>) -> async_graphql::Error {
    error.extensions.get_or_insert_default().set(name, value);
    error
}

/// An argument is malformed. The name may be a path: `filter.customerId`. `why` is what follows the name in the message.
pub fn bad_input(argument: &str, why: &str) -> async_graphql::Error {
    with(
        error(Code::BadUserInput, format!("`{argument}` {why}")),
        "argument",
        argument,
    )
}

/// The viewer sees several workspaces and named none.
pub fn workspace_required() -> async_graphql::Error {
    let message = format!("`workspaceId` {}", wording::WORKSPACE_REQUIRED);
    with(error(Code::WorkspaceRequired, message), "argument", "workspaceId")
}

/// The viewer may not do this.
pub fn forbidden(denied: Denied) -> async_graphql::Error {
    error(Code::Forbidden, denied.needs)
}

/// What was to be shown was deleted while the answer was made.
pub fn gone(noun: &str) -> async_graphql::Error {
    let message = format!("The {noun} was deleted while the request was processed. Read the current state.");
    error(Code::Gone, message)
}

/// What was done under a key before is no longer there to be shown.
pub fn gone_since() -> async_graphql::Error {
    let message = "The first request with this `idempotencyKey` succeeded, but its result was deleted later.";
    with(error(Code::Gone, message), "argument", "idempotencyKey")
}

/// A filter over texts that would read more of them than one statement may.
fn too_much_text(bytes_max: i64) -> async_graphql::Error {
    let message = format!(
        "`filter` would search more than {bytes_max} bytes of message text, which is the maximum. Request the \
         messages of fewer tickets, conversations or customers at once, or restrict the filter to a shorter time with \
         `createdAt`."
    );
    let error = with(error(Code::Timeout, message), "limit", "filterBytes");
    with(error, "max", bytes_max)
}

/// Nothing that the caller did: the cause goes to the log.
pub fn internal(cause: impl std::error::Error + Send + Sync + 'static) -> async_graphql::Error {
    if let Some(StoreError::TooMuchText(bytes_max)) = store_error(&cause) {
        return too_much_text(*bytes_max);
    }
    let (code, message) = match code_of(&cause) {
        Code::Timeout => (Code::Timeout, TIMEOUT),
        Code::Unavailable => (Code::Unavailable, UNAVAILABLE),
        _ => (Code::Internal, INTERNAL),
    };
    let cause: Arc<Cause> = Arc::new(Cause(Box::new(cause)));
    let error = async_graphql::Error {
        source: Some(cause),
        ..error(code, message)
    };
    match code {
        Code::Unavailable => with(error, RETRY_AFTER, UNAVAILABLE_SECONDS),
        _ => error,
    }
}

/// The failed statement that a cause is, or holds.
fn store_error<'a>(cause: &'a (dyn std::error::Error + 'static)) -> Option<&'a StoreError> {
    if let Some(service::Error::Store(error)) = cause.downcast_ref() {
        Some(error)
    } else if let Some(shared) = cause.downcast_ref::<Arc<StoreError>>() {
        Some(&**shared)
    } else {
        cause.downcast_ref()
    }
}

/// What a caller learns of a cause: whether it may pass.
fn code_of(cause: &(dyn std::error::Error + 'static)) -> Code {
    match store_error(cause) {
        Some(StoreError::TimedOut | StoreError::TooMuchText(_)) => Code::Timeout,
        Some(
            StoreError::Busy
            | StoreError::Lost(_)
            | StoreError::Unreachable(_)
            | StoreError::InDoubt(_)
            | StoreError::NotIndexed
            | StoreError::Full(_),
        ) => Code::Unavailable,
        _ if cause.is::<OutOfTime>() => Code::Timeout,
        _ if cause.is::<BodiesFull>() || cause.is::<ResponsesFull>() => Code::Unavailable,
        _ => Code::Internal,
    }
}

/// A request took longer than it may.
#[derive(Debug, thiserror::Error)]
#[error("the request took longer than it may")]
pub struct OutOfTime;

/// More is being sent than is held at a time.
#[derive(Debug, thiserror::Error)]
#[error("the bodies of requests take up all the room that they may")]
pub struct BodiesFull;

/// The answers of all viewers take all the memory that they may.
#[derive(Debug, thiserror::Error)]
#[error("the answers of all viewers take all the memory that they may")]
pub struct ResponsesFull;

/// A request panicked.
#[derive(Debug, thiserror::Error)]
#[error("the request panicked: {0}")]
pub struct Panicked(pub String);

/// A whole answer to what failed through no fault of the caller.
pub fn failure(cause: impl std::error::Error + Send + Sync + 'static) -> Response {
    whole(internal(cause))
}

/// A row that must exist does not.
#[derive(Debug, thiserror::Error)]
#[error("a row that must exist was not found: {0}")]
pub struct MissingRow(pub &'static str);

struct Cause(Box<dyn std::error::Error + Send + Sync>);

/// From a failed statement.
pub fn from_store(error: StoreError) -> async_graphql::Error {
    internal(error)
}

/// Tells from where to go on.
fn resume(error: async_graphql::Error, cursor: ChangeCursor) -> async_graphql::Error {
    with(error, CURSOR, cursor.to_string())
}

/// The position from which to go on after an error; none when it does not tell one.
pub fn resume_from(error: &ServerError) -> Option<ChangeCursor> {
    match error.extensions.as_ref()?.get(CURSOR)? {
        Value::String(cursor) => cursor.parse().ok(),
        _ => None,
    }
}

/// Lets an error tell from which position to go on.
pub fn set_resume(error: &mut ServerError, cursor: ChangeCursor) {
    let extensions = error.extensions.get_or_insert_default();
    extensions.set(CURSOR, cursor.to_string());
}

/// Whether nothing can be given from where the subscriber is.
pub fn is_expired(error: &ServerError) -> bool {
    let code = error.extensions.as_ref().and_then(|all| all.get("code"));
    matches!(code, Some(Value::String(code)) if code == Code::CursorExpired.name())
}

/// The whole answer to a subscriber who was too slow, and goes on from a position.
pub fn slow_consumer(cursor: ChangeCursor) -> Response {
    let message = "The buffer of the connection is full because the client reads too slowly. Subscribe again with `cursor` in \
                   `after`.";
    whole(resume(error(Code::SlowConsumer, message), cursor))
}

/// The whole answer to a subscriber whose subscription broke off here, and goes on from a position.
pub fn broken_off(cursor: ChangeCursor) -> Response {
    whole(resume(
        internal(MissingRow("the task that executed a subscription")),
        cursor,
    ))
}

/// The whole answer to a request that is not run.
pub fn refused(refused: Refusal) -> Response {
    match refused {
        Refusal::Forbidden(needs) => refusal(Code::Forbidden, needs),
        Refusal::Malformed(message) => refusal(Code::BadUserInput, &message),
        Refusal::TooLong(TooLong { line, column }) => {
            let message = format!(
                "The number at line {line} column {column} has more digits than can be stored. Send it as a string."
            );
            refusal(Code::BadUserInput, &message)
        }
        // Clients look for these two words.
        Refusal::UnknownDocument => refusal(Code::PersistedQueryNotFound, "PersistedQueryNotFound"),
        Refusal::NamesNoDocuments => refusal(Code::PersistedQueryNotSupported, "PersistedQueryNotSupported"),
        Refusal::Untrusted => {
            let message =
                "The document is not trusted. The server runs only documents that its operator registered.";
            refusal(Code::DocumentNotTrusted, message)
        }
        Refusal::Introspection => refusal(Code::Forbidden, INTROSPECTION),
        Refusal::Excess(excess) => too_much(&excess),
        Refusal::RateLimited(wait) => rate_limited(wait),
        Refusal::Invalid(invalid) => invalid.mistakes.response(),
    }
}

/// The whole answer to a request that is too much.
fn too_much(excess: &Excess) -> Response {
    let code = match excess.limit {
        Limit::Brackets | Limit::Levels | Limit::Circle | Limit::Depth => Code::QueryTooDeep,
        _ => Code::QueryTooCostly,
    };
    let error = error(code, excess.message());
    let error = with(error, "limit", excess.limit.name());
    // A circle has no end, and no bound makes it one.
    whole(match excess.found {
        Some(found) => with(with(error, "found", found), "max", excess.max),
        None => error,
    })
}

/// Where an error tells how long to wait.
pub(super) const RETRY_AFTER: &str = "retryAfter";

/// The whole answer to a caller who has not enough left.
fn rate_limited(wait: Wait) -> Response {
    let Wait {
        seconds,
        cost,
        balance,
    } = wait;
    let message = format!(
        "The cost of the request is {cost}, and the remaining budget is {} of {}. Retry in {seconds} seconds.",
        balance.remaining, balance.limit
    );
    let error = with(error(Code::RateLimited, message), RETRY_AFTER, seconds);
    let error = with(error, "cost", cost);
    let error = with(error, "remaining", balance.remaining);
    whole(with(error, "limit", balance.limit))
}

/// The whole answer to a viewer who takes up all that it may.
pub fn crowded(what: &str) -> Response {
    let message = format!("{what} Retry when some of them have ended.");
    whole(with(error(Code::RateLimited, message), RETRY_AFTER, 1))
}

/// The whole answer to a request whose execution reached a bound on memory.
pub fn out_of_room(exceeded: Exceeded) -> Response {
    match exceeded {
        Exceeded::Answer { found, max } => {
            let message = format!(
                "The response is larger than {max} bytes. Request smaller pages or fewer long texts. Changes that a \
                 mutation made are not undone."
            );
            let error = with(error(Code::AnswerTooLarge, message), "limit", "answerBytes");
            let figure = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
            whole(with(with(error, "found", figure(found)), "max", figure(max)))
        }
        Exceeded::Viewer => {
            crowded("Your responses that are in progress or not read yet exceed the memory limit.")
        }
        Exceeded::Node => failure(ResponsesFull),
    }
}

/// From a stream that ended.
pub fn from_stream(ended: StreamError) -> async_graphql::Error {
    match ended {
        StreamError::Expired(earliest) => {
            let message = "The events that follow the position in `after` are no longer stored. Continue from `cursor`, the \
                           earliest position that is available.";
            resume(
                with(error(Code::CursorExpired, message), "argument", "after"),
                earliest,
            )
        }
        StreamError::Parted(shared) => {
            let message = "The position in `after` does not exist because the database was restored, copied or promoted. Some \
                           events that you received may not exist either. Read the current state, then continue from \
                           `cursor`.";
            resume(
                with(error(Code::CursorExpired, message), "argument", "after"),
                shared,
            )
        }
        StreamError::Store(cause, cursor) => resume(internal(cause), cursor),
    }
}

/// A whole answer that is one error.
pub fn refusal(code: Code, message: &str) -> Response {
    whole(error(code, message))
}

fn whole(error: async_graphql::Error) -> Response {
    let error = error.into_server_error(async_graphql::Pos::default());
    Response::from_errors(vec![ServerError {
        locations: Vec::new(),
        ..error
    }])
}

/// Gives every error its code, and internal ones the id of the request, under which the cause is logged.
pub fn finish(mut response: Response, request_id: &str) -> Response {
    for error in &mut response.errors {
        let extensions = error.extensions.get_or_insert_default();
        match extensions.get("code") {
            // Whatever the library itself refuses is about the document or its arguments.
            None => extensions.set("code", Code::BadUserInput.name()),
            Some(Value::String(code))
                if [Code::Internal, Code::Timeout, Code::Unavailable]
                    .iter()
                    .any(|one| one.name() == code) =>
            {
                extensions.set("requestId", request_id);
                if let Some(cause) = error
                    .source
                    .as_ref()
                    .and_then(|source| source.downcast_ref::<Cause>())
                {
                    tracing::error!(request.id = request_id, error = ?cause.0, "a request failed");
                }
            }
            Some(_) => {}
        }
    }
    response
}
