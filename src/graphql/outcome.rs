//! Turns panics, timeouts and exceeded memory budgets into responses.
//!
//! A panic ends only the request that caused it. A timeout cancels the request and the statement that it waits for. A
//! request that exceeds its memory budget ends at that point.

use std::{any::Any, future::Future, panic::AssertUnwindSafe, sync::Arc, task::Poll, time::Duration};

use async_graphql::Response;
use futures_util::{FutureExt, Stream, StreamExt, stream};
use tokio::time::timeout;

use super::error::{OutOfTime, Panicked, failure, out_of_room};
use crate::budget::{self, Account};

/// The response to a query or a mutation, within a timeout and the memory of an account.
pub async fn of(time: Duration, account: &Arc<Account>, work: impl Future<Output = Response>) -> Response {
    let bounded = budget::within(account, AssertUnwindSafe(work).catch_unwind());
    match timeout(time, bounded).await {
        Ok(Ok(Ok(response))) => response,
        Ok(Ok(Err(panic))) => panicked(&*panic),
        Ok(Err(exceeded)) => out_of_room(exceeded),
        Err(_) => failure(OutOfTime),
    }
}

/// The responses of a subscription, each within the memory of the account. The stream ends after a panic or an exceeded
/// budget.
pub fn of_stream(
    account: Arc<Account>,
    responses: impl Stream<Item = Response> + Send + 'static,
) -> impl Stream<Item = Response> + Send + 'static {
    let mut responses = AssertUnwindSafe(responses.boxed()).catch_unwind();
    let mut is_over = false;
    stream::poll_fn(move |context| {
        if is_over {
            return Poll::Ready(None);
        }
        let polled = budget::step(&account, || responses.poll_next_unpin(context));
        if let Some(exceeded) = account.exceeded() {
            is_over = true;
            return Poll::Ready(Some(out_of_room(exceeded)));
        }
        polled.map(|response| {
            account.end_work();
            response.map(|response| response.unwrap_or_else(|panic| panicked(&*panic)))
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
