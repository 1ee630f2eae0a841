//! For whom statements are run.
//!
//! Goes along with the task that works for a caller. Connections are shared out by it, and a caller one of whose
//! statements took too long has no more of them run: the next would take as long.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use futures_util::{Stream, StreamExt, stream};

use crate::auth::Identity;

#[derive(Debug)]
struct Caller {
    identity: Identity,
    is_out_of_time: AtomicBool,
}

impl Caller {
    fn new(identity: Identity) -> Arc<Self> {
        Arc::new(Self {
            identity,
            is_out_of_time: AtomicBool::new(false),
        })
    }
}

tokio::task_local! {
    static CALLER: Arc<Caller>;
}

/// Does the work of one request of a caller.
pub fn on_behalf_of<T>(who: Identity, work: impl Future<Output = T>) -> impl Future<Output = T> {
    CALLER.scope(Caller::new(who), work)
}

/// The same for one request with many answers. After each of them, statements may be run again.
pub fn stream_on_behalf_of<S>(who: Identity, answers: S) -> impl Stream<Item = S::Item> + Send + 'static
where
    S: Stream + Send + 'static,
{
    let caller = Caller::new(who);
    let mut answers = Box::pin(answers);
    stream::poll_fn(move |context| {
        let polled = CALLER.sync_scope(caller.clone(), || answers.poll_next_unpin(context));
        if polled.is_ready() {
            caller.is_out_of_time.store(false, Ordering::Relaxed);
        }
        polled
    })
}

/// Who the caller is; none for what the node does by itself.
pub(super) fn identity() -> Option<Identity> {
    CALLER.try_with(|caller| caller.identity).ok()
}

/// A statement of the caller took too long.
pub(super) fn out_of_time() {
    // What the node does by itself is asked again later.
    let _ = CALLER.try_with(|caller| caller.is_out_of_time.store(true, Ordering::Relaxed));
}

/// Whether one did.
pub(super) fn is_out_of_time() -> bool {
    let is_out = CALLER.try_with(|caller| caller.is_out_of_time.load(Ordering::Relaxed));
    is_out.unwrap_or(false)
}
