//! Caller on whose behalf statements run.
//!
//! The caller is a task-local value. The pool shares connections out by caller. After a statement of a caller
//! exceeded its time limit, no further statement of the same request runs, because the next one would take as
//! long.

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

/// Runs the work of one request of a caller.
pub fn on_behalf_of<T>(who: Identity, work: impl Future<Output = T>) -> impl Future<Output = T> {
    CALLER.scope(Caller::new(who), work)
}

/// Like [`on_behalf_of`], for one request with several responses. Each response lifts the stop after a time
/// limit.
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

/// Identity of the caller. `None` for work of the node itself.
pub(super) fn identity() -> Option<Identity> {
    CALLER.try_with(|caller| caller.identity).ok()
}

/// Records that a statement of the caller exceeded its time limit.
pub(super) fn out_of_time() {
    // Work of the node itself has no caller. The node tries it again later.
    let _ = CALLER.try_with(|caller| caller.is_out_of_time.store(true, Ordering::Relaxed));
}

/// Whether a statement of the caller exceeded its time limit.
pub(super) fn is_out_of_time() -> bool {
    let is_out = CALLER.try_with(|caller| caller.is_out_of_time.load(Ordering::Relaxed));
    is_out.unwrap_or(false)
}
