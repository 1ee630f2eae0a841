//! Answers that tell of something in the way of the whole request, for transports that have a status.

use async_graphql::{Response, Value};

use super::error::{Code, RETRY_AFTER};

/// How long to wait when an answer does not say so: work that took too long may go through when less is asked at once.
const WAIT_SECONDS: u64 = 1;

/// What was in the way of a request, where waiting helps or something is wrong here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hurdle {
    /// What it is.
    pub code: Code,
    /// How many seconds the caller is told to wait.
    pub retry_after: Option<u64>,
}

/// The hurdle that an answer tells of. A database that is away or too slow is one wherever in the answer it was met: whoever
/// looks at the status alone must not take an outage for an answer. Everything else is one when it is all there is.
pub fn hurdle(response: &Response) -> Option<Hurdle> {
    let met = |code: Code| {
        let mut errors = response.errors.iter();
        errors.find_map(|error| {
            let extensions = error.extensions.as_ref()?;
            (*extensions.get("code")? == Value::from(code.name())).then_some((error, extensions))
        })
    };
    let mut anywhere = [Code::Unavailable, Code::Timeout].into_iter();
    let mut alone = [Code::RateLimited, Code::Internal].into_iter();
    let found = anywhere.find_map(|code| Some((code, met(code)?.1)));
    let found = found.or_else(|| {
        let (code, (error, extensions)) = alone.find_map(|code| Some((code, met(code)?)))?;
        (error.path.is_empty() && response.errors.len() == 1).then_some((code, extensions))
    });
    let (code, extensions) = found?;
    let retry_after = match extensions.get(RETRY_AFTER) {
        Some(Value::Number(seconds)) => seconds.as_u64(),
        _ => matches!(code, Code::Timeout | Code::Unavailable).then_some(WAIT_SECONDS),
    };
    Some(Hurdle { code, retry_after })
}
