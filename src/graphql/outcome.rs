//! Comes to an answer, whatever happens on the way.
//!
//! A panic is one request's fault and ends that request only; what takes too long is given up, and with it the
//! statement that it waits for.

use std::{any::Any, future::Future, panic::AssertUnwindSafe, time::Duration};

use async_graphql::Response;
use futures_util::{FutureExt, Stream, StreamExt};
use tokio::time::timeout;

use super::error::{OutOfTime, Panicked, failure};

/// The answer of a query or a mutation, within a time.
pub async fn of(time: Duration, work: impl Future<Output = Response>) -> Response {
    match timeout(time, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => panicked(&*panic),
        Err(_) => failure(OutOfTime),
    }
}

/// The answers of a subscription. It ends with a panic.
pub fn of_stream(answers: impl Stream<Item = Response>) -> impl Stream<Item = Response> {
    AssertUnwindSafe(answers)
        .catch_unwind()
        .map(|answer| answer.unwrap_or_else(|panic| panicked(&*panic)))
}

fn panicked(panic: &(dyn Any + Send)) -> Response {
    let text = panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned());
    failure(Panicked(text.unwrap_or_default()))
}
