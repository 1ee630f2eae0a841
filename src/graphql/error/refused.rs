//! Responses to requests that exceed a limit or do not run.

use async_graphql::Response;

use super::{Code, RETRY_AFTER, ResponsesFull, error, failure, refusal, whole, with};
use crate::{
    budget::Exceeded,
    request::{Excess, INTROSPECTION, Limit, Refusal, TooLong, Wait},
    service::wording::plural,
};

/// The response to a request that does not run.
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

/// The response to a request that exceeds a limit.
fn too_much(excess: &Excess) -> Response {
    let code = match excess.limit {
        Limit::Brackets | Limit::Levels | Limit::Circle | Limit::Depth => Code::QueryTooDeep,
        _ => Code::QueryTooCostly,
    };
    let error = error(code, excess.message());
    let error = with(error, "limit", excess.limit.name());
    // A circle has no depth to report.
    whole(match excess.found {
        Some(found) => with(with(error, "found", found), "max", excess.max),
        None => error,
    })
}

/// The response to a caller whose budget is too small.
fn rate_limited(wait: Wait) -> Response {
    let Wait {
        seconds,
        cost,
        balance,
    } = wait;
    let message = format!(
        "The cost of the request is {cost}, and the remaining budget is {} of {}. Retry in {seconds} {}.",
        balance.remaining,
        balance.limit,
        plural(seconds, "second", "seconds")
    );
    let error = with(error(Code::RateLimited, message), RETRY_AFTER, seconds);
    let error = with(error, "cost", cost);
    let error = with(error, "remaining", balance.remaining);
    whole(with(error, "limit", balance.limit))
}

/// The response to a viewer who uses its whole share of a resource. `what` is a sentence that names the resource.
pub fn crowded(what: &str) -> Response {
    let message = format!("{what} Retry when some of them have ended.");
    whole(with(error(Code::RateLimited, message), RETRY_AFTER, 1))
}

/// The response to a request whose execution exceeded a memory limit.
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
