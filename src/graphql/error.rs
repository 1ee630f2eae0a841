//! Errors in responses: a closed list of codes, and the one place where each error is created.
//!
//! Mistakes in the arguments of a mutation are in the payload's `userErrors`; all other errors are here. Causes never
//! leave the process: an internal error has the id of its request, and the log contains the cause with that id.

mod code;
mod position;
mod refused;

use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, Response, ServerError, Value};
use entity::{NotRead, Word};

pub use self::{
    code::Code,
    position::{broken_off, from_stream, is_expired, resume_from, set_resume, slow_consumer},
    refused::{crowded, out_of_room, refused},
};
use crate::{
    auth::policy::Denied,
    service::{self, wording},
    store::StoreError,
};

/// The result of a resolver.
pub type Result<T, E = async_graphql::Error> = std::result::Result<T, E>;

/// Message of an exceeded time limit.
const TIMEOUT: &str =
    "The time limit was exceeded. Request less data at once: smaller pages or fewer nested lists.";

/// Message while the database is unavailable.
const UNAVAILABLE: &str =
    "The service is temporarily unavailable. Retry after the number of seconds in `retryAfter`.";

/// Seconds after which to retry then.
const UNAVAILABLE_SECONDS: u64 = 1;

/// Name of the extension with the seconds after which to retry.
pub(super) const RETRY_AFTER: &str = "retryAfter";

/// Message of an internal error.
const INTERNAL: &str = "An internal error occurred. Include the `requestId` when you report it.";

fn error(code: Code, message: impl Into<String>) -> async_graphql::Error {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code.word());
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

/// An argument is malformed. The name can be a path, such as `filter.customerId`. `why` follows the name in the message.
pub fn bad_input(argument: &str, why: &str) -> async_graphql::Error {
    with(
        error(Code::BadUserInput, format!("`{argument}` {why}")),
        "argument",
        argument,
    )
}

/// The viewer has several workspaces and named none.
pub fn workspace_required() -> async_graphql::Error {
    let message = format!("`workspaceId` {}", wording::WORKSPACE_REQUIRED);
    with(error(Code::WorkspaceRequired, message), "argument", "workspaceId")
}

/// The viewer has no permission.
pub fn forbidden(denied: Denied) -> async_graphql::Error {
    error(Code::Forbidden, denied.needs)
}

/// The object of the response was deleted while the request was processed.
pub fn gone(noun: &str) -> async_graphql::Error {
    let message = format!("The {noun} was deleted while the request was processed. Read the current state.");
    error(Code::Gone, message)
}

/// The result of an earlier request with the same idempotency key was deleted.
pub fn gone_since() -> async_graphql::Error {
    let message = "The first request with this `idempotencyKey` succeeded, but its result was deleted later.";
    with(error(Code::Gone, message), "argument", "idempotencyKey")
}

/// A filter would read more text than one statement may.
fn too_much_text(bytes_max: i64) -> async_graphql::Error {
    let message = format!(
        "`filter` would search more than {bytes_max} bytes of message text, which is the maximum. Request the \
         messages of fewer tickets, conversations or customers at once, or restrict the filter to a shorter time with \
         `createdAt`."
    );
    let error = with(error(Code::Timeout, message), "limit", "filterBytes");
    with(error, "max", bytes_max)
}

/// An error that the caller did not cause. The cause goes to the log.
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

/// The failed statement in a cause, if there is one.
fn store_error<'a>(cause: &'a (dyn std::error::Error + 'static)) -> Option<&'a StoreError> {
    if let Some(service::Error::Store(error)) = cause.downcast_ref() {
        Some(error)
    } else if let Some(shared) = cause.downcast_ref::<Arc<StoreError>>() {
        Some(&**shared)
    } else {
        cause.downcast_ref()
    }
}

/// The code of a cause: temporary, or internal.
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

/// A request exceeded its time limit.
#[derive(Debug, thiserror::Error)]
#[error("the request exceeded its time limit")]
pub struct OutOfTime;

/// The request bodies that are being received fill their memory.
#[derive(Debug, thiserror::Error)]
#[error("request bodies fill the memory that is reserved for them")]
pub struct BodiesFull;

/// The responses of all viewers fill their memory.
#[derive(Debug, thiserror::Error)]
#[error("responses fill the memory that is reserved for them")]
pub struct ResponsesFull;

/// A request panicked.
#[derive(Debug, thiserror::Error)]
#[error("the request panicked: {0}")]
pub struct Panicked(pub String);

/// A response with an error that the caller did not cause.
pub fn failure(cause: impl std::error::Error + Send + Sync + 'static) -> Response {
    whole(internal(cause))
}

/// A required row does not exist.
#[derive(Debug, thiserror::Error)]
#[error("a required row was not found: {0}")]
pub struct MissingRow(pub &'static str);

struct Cause(Box<dyn std::error::Error + Send + Sync>);

/// The error of a failed statement.
pub fn from_store(error: StoreError) -> async_graphql::Error {
    internal(error)
}

/// A response with one error.
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

/// Returns the cause of an error, if it has this type.
fn source<T: 'static>(error: &ServerError) -> Option<&T> {
    error.source.as_ref()?.downcast_ref()
}

/// Gives every error a code, and internal ones the id of the request, with which the cause is logged.
pub fn finish(mut response: Response, request_id: &str) -> Response {
    for error in &mut response.errors {
        // A resolver returned this cause, and the library created the error from it.
        if let Some(unread) = source::<NotRead>(error).copied() {
            let internal = internal(unread);
            error.message = internal.message;
            error.source = internal.source;
            error.extensions = internal.extensions;
        }
        let extensions = error.extensions.get_or_insert_default();
        match extensions.get("code") {
            // The library's own errors are about the document or its arguments.
            None => extensions.set("code", Code::BadUserInput.word()),
            Some(Value::String(code))
                if [Code::Internal, Code::Timeout, Code::Unavailable]
                    .iter()
                    .any(|one| one.word() == code) =>
            {
                extensions.set("requestId", request_id);
                if let Some(cause) = source::<Cause>(error) {
                    tracing::error!(request.id = request_id, error = ?cause.0, "a request failed");
                }
            }
            Some(_) => {}
        }
    }
    response
}
