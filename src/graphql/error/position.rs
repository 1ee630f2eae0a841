//! Errors of subscriptions, with the cursor from which the client continues.

use async_graphql::{Response, ServerError, Value};
use entity::Word;

use super::{Code, MissingRow, error, internal, whole, with};
use crate::events::{ChangeCursor, StreamError};

/// Name of the extension with the cursor from which a subscriber continues.
const CURSOR: &str = "changeCursor";

/// Adds the cursor from which to continue.
fn resume(error: async_graphql::Error, cursor: ChangeCursor) -> async_graphql::Error {
    with(error, CURSOR, cursor.to_string())
}

/// The cursor from which to continue after an error, if the error has one.
pub fn resume_from(error: &ServerError) -> Option<ChangeCursor> {
    match error.extensions.as_ref()?.get(CURSOR)? {
        Value::String(cursor) => cursor.parse().ok(),
        _ => None,
    }
}

/// Sets the cursor of an error from which to continue.
pub fn set_resume(error: &mut ServerError, cursor: ChangeCursor) {
    let extensions = error.extensions.get_or_insert_default();
    extensions.set(CURSOR, cursor.to_string());
}

/// Whether an error says that the position of a subscriber has expired.
pub fn is_expired(error: &ServerError) -> bool {
    let code = error.extensions.as_ref().and_then(|all| all.get("code"));
    matches!(code, Some(Value::String(code)) if code == Code::CursorExpired.word())
}

/// The response that ends the subscription of a client that reads too slowly.
pub fn slow_consumer(cursor: ChangeCursor) -> Response {
    let message = "The buffer of the connection is full because the client reads too slowly. Subscribe again with `changeCursor` in \
                   `after`.";
    whole(resume(error(Code::SlowConsumer, message), cursor))
}

/// The response that ends a subscription whose task failed.
pub fn broken_off(cursor: ChangeCursor) -> Response {
    whole(resume(
        internal(MissingRow("the task that executed a subscription")),
        cursor,
    ))
}

/// The error of a stream of events that ended.
pub fn from_stream(ended: StreamError) -> async_graphql::Error {
    match ended {
        StreamError::Expired(earliest) => {
            let message = "The events that follow the position in `after` are no longer stored. Continue from `changeCursor`, the \
                           earliest position that is available.";
            resume(
                with(error(Code::CursorExpired, message), "argument", "after"),
                earliest,
            )
        }
        StreamError::Parted(shared) => {
            let message = "The position in `after` does not exist because the database was restored, copied or promoted. Some \
                           events that you received may not exist either. Read the current state, then continue from \
                           `changeCursor`.";
            resume(
                with(error(Code::CursorExpired, message), "argument", "after"),
                shared,
            )
        }
        StreamError::Store(cause, cursor) => resume(internal(cause), cursor),
    }
}
