//! The account of the running work.

use std::{future::poll_fn, pin::pin, sync::Arc, task::Poll};

use super::{Account, Exceeded};

tokio::task_local! {
    static CURRENT: Arc<Account>;
}

/// Runs work under an account. Ends the work with an error when a bound is exceeded.
pub async fn within<T>(account: &Arc<Account>, work: impl Future<Output = T>) -> Result<T, Exceeded> {
    let bounded = async {
        let mut work = pin!(work);
        poll_fn(|context| {
            let polled = work.as_mut().poll(context);
            match (account.exceeded(), polled) {
                (Some(exceeded), _) => Poll::Ready(Err(exceeded)),
                (None, Poll::Ready(done)) => Poll::Ready(Ok(done)),
                (None, Poll::Pending) => Poll::Pending,
            }
        })
        .await
    };
    let done = CURRENT.scope(account.clone(), bounded).await;
    account.end_work();
    done
}

/// Runs one synchronous step under an account.
pub fn step<T>(account: &Arc<Account>, work: impl FnOnce() -> T) -> T {
    CURRENT.sync_scope(account.clone(), work)
}

/// The account of the running work.
pub fn current() -> Option<Arc<Account>> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Whether the running work has exceeded a bound and is about to end.
pub fn is_exceeded() -> bool {
    CURRENT.try_with(|account| account.exceeded().is_some()) == Ok(true)
}

/// Charges the bytes of rows that the running work has read. Returns false when the work must end.
pub fn read(bytes: usize) -> bool {
    CURRENT.try_with(|account| account.read(bytes)) != Ok(false)
}

/// Charges bytes until the running work ends. Returns false when the work must end.
pub fn hold(bytes: usize) -> bool {
    CURRENT.try_with(|account| account.work_with(bytes)) != Ok(false)
}
