//! Errors that affect a whole request, for transports with a status code.

use async_graphql::{Response, Value};
use entity::Word;

use super::error::{Code, RETRY_AFTER};

/// Seconds to wait when the error does not contain a delay. After a timeout, a request can succeed when the load is
/// lower.
const WAIT_SECONDS: u64 = 1;

/// An error of the whole request: temporary, or a fault of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryHint {
    /// Error code.
    pub code: Code,
    /// Number of seconds after which the caller should retry. `None` if a retry does not help.
    pub retry_after: Option<u64>,
}

/// Returns the error of a response that determines its status. `UNAVAILABLE` and `TIMEOUT` count at any path, so that
/// a client that checks only the status does not take an outage for a success. Other errors count only if the
/// response has no other error and the error has no path.
pub fn retry_hint(response: &Response) -> Option<RetryHint> {
    let with_code = |code: Code| {
        let mut errors = response.errors.iter();
        errors.find_map(|error| {
            let extensions = error.extensions.as_ref()?;
            (*extensions.get("code")? == Value::from(code.word())).then_some((error, extensions))
        })
    };
    let mut anywhere = [Code::Unavailable, Code::Timeout].into_iter();
    let mut alone = [Code::RateLimited, Code::Internal].into_iter();
    let found = anywhere.find_map(|code| Some((code, with_code(code)?.1)));
    let found = found.or_else(|| {
        let (code, (error, extensions)) = alone.find_map(|code| Some((code, with_code(code)?)))?;
        (error.path.is_empty() && response.errors.len() == 1).then_some((code, extensions))
    });
    let (code, extensions) = found?;
    let retry_after = match extensions.get(RETRY_AFTER) {
        Some(Value::Number(seconds)) => seconds.as_u64(),
        _ => matches!(code, Code::Timeout | Code::Unavailable).then_some(WAIT_SECONDS),
    };
    Some(RetryHint { code, retry_after })
}
