//! Comes to an answer, whatever happens on the way.
//!
//! A panic is one request's fault and ends that request only; what takes too long is given up, and with it the
//! statement that it waits for; what takes more memory than it may ends where it reaches its bound.

use std::{any::Any, future::Future, panic::AssertUnwindSafe, sync::Arc, task::Poll, time::Duration};

use async_graphql::Response;
use futures_util::{FutureExt, Stream, StreamExt, stream};
use tokio::time::timeout;

use super::error::{OutOfTime, Panicked, failure, out_of_room};
use crate::budget::{self, Account};

/// The answer of a query or a mutation, within a time and an account.
pub async fn of(time: Duration, account: &Arc<Account>, work: impl Future<Output = Response>) -> Response {
    let bounded = budget::within(account, AssertUnwindSafe(work).catch_unwind());
    match timeout(time, bounded).await {
        Ok(Ok(Ok(response))) => response,
        Ok(Ok(Err(panic))) => panicked(&*panic),
        Ok(Err(exceeded)) => out_of_room(exceeded),
        Err(_) => failure(OutOfTime),
    }
}

/// The answers of a subscription, each within the account. It ends with a panic, and where the account has no more room.
pub fn of_stream(
    account: Arc<Account>,
    answers: impl Stream<Item = Response> + Send + 'static,
) -> impl Stream<Item = Response> + Send + 'static {
    let mut answers = AssertUnwindSafe(answers.boxed()).catch_unwind();
    let mut is_over = false;
    stream::poll_fn(move |context| {
        if is_over {
            return Poll::Ready(None);
        }
        let polled = budget::step(&account, || answers.poll_next_unpin(context));
        if let Some(exceeded) = account.exceeded() {
            is_over = true;
            return Poll::Ready(Some(out_of_room(exceeded)));
        }
        polled.map(|answer| {
            account.end_work();
            answer.map(|answer| answer.unwrap_or_else(|panic| panicked(&*panic)))
        })
    })
}

fn panicked(panic: &(dyn Any + Send)) -> Response {
    let text = panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned());
    failure(Panicked(text.unwrap_or_default()))
}
