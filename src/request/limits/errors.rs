//! The number of errors in a response. A page of objects that all fail would repeat the same error a hundred times.

use async_graphql::{Response, Value};

const LEFT_OUT: &str = "errorsLeftOut";

/// Removes the errors beyond the bound from a response, and reports their number in an extension.
pub fn cut(response: &mut Response, max: u64) {
    let max = usize::try_from(max).unwrap_or(usize::MAX);
    let more = response.errors.len().saturating_sub(max);
    response.errors.truncate(max);
    add_left_out(response, more);
}

/// Increases the number of omitted errors in the extension.
pub fn add_left_out(response: &mut Response, more: usize) {
    if more > 0 {
        let others = match response.extensions.get(LEFT_OUT) {
            Some(Value::Number(others)) => others.as_u64().unwrap_or_default(),
            _ => 0,
        };
        let all = others.saturating_add(u64::try_from(more).unwrap_or(u64::MAX));
        response.extensions.insert(LEFT_OUT.to_owned(), all.into());
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::ServerError;

    use super::*;

    fn response(errors: usize) -> Response {
        let error = |n: usize| ServerError::new(format!("{n}"), None);
        Response::from_errors((0..errors).map(error).collect())
    }

    #[test]
    fn the_first_errors_remain_and_the_others_are_counted() {
        let mut few = response(3);
        cut(&mut few, 3);
        assert_eq!((few.errors.len(), few.extensions.len()), (3, 0));
        let mut many = response(5);
        cut(&mut many, 3);
        assert_eq!(many.errors.last().map(|error| error.message.as_str()), Some("2"));
        assert_eq!(many.extensions["errorsLeftOut"], 2.into());
        cut(&mut many, 1);
        assert_eq!(
            many.extensions["errorsLeftOut"],
            4.into(),
            "the errors of both cuts"
        );
    }
}
