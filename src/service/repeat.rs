//! Requests that come again: what was done under a caller's key is answered again, and not done again.
//!
//! One mechanism for every mutation. [`once`] hands the use case [`Services`] that know the key. Its
//! [`Transaction`](super::Transaction) takes the key as it begins, before anything else, and waits there for whoever
//! has it; its commit writes the [`Outcome`] beside what was done. Where the key has an outcome already, the
//! transaction does not begin: the use case ends, and the outcome is read again, in the viewer's scope.

use std::{future::Future, time::Duration};

use entity::{Timestamp, WorkspaceId};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Error, Services, UserError, UserErrorCode};
use crate::{
    auth::Viewer,
    clock::Clock,
    store::{
        Db, StoreError,
        connect::Writing,
        repeat::{self as store, Done, Kept, Key},
    },
};

/// Longest key in characters.
pub const KEY_MAX: usize = 255;
/// Where mistakes in the key are told.
const PATH: [&str; 1] = ["idempotencyKey"];
/// How often old keys are looked for, and when for the first time: not while a node starts.
const EVERY: Duration = Duration::from_hours(1);
const FIRST: Duration = Duration::from_mins(1);
const HOUR_MS: i64 = 60 * 60 * 1_000;

/// A request that may come again.
#[derive(Clone, Debug)]
pub struct Repeat {
    key: Key,
    arguments: String,
}

impl Repeat {
    /// With the caller's key, and a digest of what is asked for.
    pub fn new(viewer: &Viewer, key: String, arguments: String) -> Result<Self, UserError> {
        let length = key.chars().count();
        if !(1..=KEY_MAX).contains(&length) || key.chars().any(char::is_control) {
            let message = format!("A key has 1 to {KEY_MAX} printable characters.");
            return Err(UserError::new(UserErrorCode::Invalid, message, &PATH));
        }
        let (holder_kind, holder_id) = viewer.identity.actor();
        let key = Key {
            holder_kind,
            // Only the operator has no id, and there is one of it.
            holder_id: holder_id.unwrap_or(Uuid::nil()),
            key,
        };
        Ok(Self { key, arguments })
    }

    /// Takes the key until the transaction ends; refuses when something was done under it.
    pub(super) async fn claim(&self, services: &Services, writing: &Writing) -> Result<(), Error> {
        let now = services.clock.now();
        let since = services.keys_since(now);
        match store::claim(writing, &self.key, &self.arguments, now, since).await? {
            None => Ok(()),
            Some(done) => Err(Error::Done(Box::new(done))),
        }
    }

    /// Writes what was done under the key.
    pub(super) async fn keep(&self, writing: &Writing, kept: &Kept) -> Result<(), Error> {
        Ok(store::keep(writing, &self.key, kept).await?)
    }

    /// What was done under the key, read again; an error when it was something else.
    async fn tell<T: Outcome>(&self, services: &Services, viewer: &Viewer, done: &Done) -> Result<T, Error> {
        // The same words of one who looks into another workspace now mean something else.
        let workspace: Option<WorkspaceId> = done.kept.workspace.parse().ok();
        let seen = workspace.is_some_and(|id| viewer.scope().holds(id));
        if done.arguments == self.arguments && seen {
            return T::recall(services, viewer, &done.kept).await?.ok_or(Error::Gone);
        }
        let message = "This key was used with other arguments.";
        let error = UserError::new(UserErrorCode::IdempotencyKeyReused, message, &PATH);
        Err(if seen {
            error.held_by(&done.kept.thing)
        } else {
            error
        }
        .into())
    }
}

/// What a use case did: kept under a key, and told again.
pub trait Outcome: Sized + Send {
    /// Enough to find it again.
    fn keep(&self) -> Kept;

    /// The same as it is now, as far as the viewer sees it; none when it is no longer there.
    fn recall(
        services: &Services,
        viewer: &Viewer,
        kept: &Kept,
    ) -> impl Future<Output = Result<Option<Self>, Error>> + Send;
}

/// Runs a use case for a caller who may ask again. Without a key it is run, and that is all.
pub async fn once<T, F>(
    services: &Services,
    viewer: &Viewer,
    repeat: Option<Repeat>,
    use_case: impl FnOnce(Services) -> F,
) -> Result<T, Error>
where
    T: Outcome,
    F: Future<Output = Result<T, Error>>,
{
    let Some(repeat) = repeat else {
        return use_case(services.clone()).await;
    };
    match use_case(services.keyed(repeat.clone())).await {
        Err(Error::Done(done)) => repeat.tell(services, viewer, &done).await,
        // What was done stays done, though it could not be done now: a moment that lay in the future has passed, say.
        Err(Error::Refused(errors)) => {
            let since = services.keys_since(services.clock.now());
            match store::find(&services.db, &repeat.key, since).await? {
                Some(done) if done.arguments == repeat.arguments => {
                    repeat.tell(services, viewer, &done).await
                }
                _ => Err(Error::Refused(errors)),
            }
        }
        answer => answer,
    }
}

impl Services {
    /// The same, for one request that may come again.
    fn keyed(&self, repeat: Repeat) -> Self {
        Self {
            repeat: Some(repeat.into()),
            ..self.clone()
        }
    }

    /// From when on keys count.
    fn keys_since(&self, now: Timestamp) -> Timestamp {
        hours_before(now, self.idempotency_key_hours)
    }
}

fn hours_before(now: Timestamp, hours: u32) -> Timestamp {
    Timestamp(now.0 - i64::from(hours) * HOUR_MS)
}

/// Gives up keys that are too old to count, every hour, until the node ends.
pub async fn forget_from_time_to_time(db: Db, clock: Clock, hours: u32, stop: CancellationToken) {
    let mut turns = tokio::time::interval_at(Instant::now() + FIRST, EVERY);
    loop {
        tokio::select! {
            _ = turns.tick() => {}
            () = stop.cancelled() => return,
        }
        match forget(&db, &clock, hours).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "deleted expired idempotency keys"),
            Err(error) => tracing::warn!(error = ?error, "could not delete expired idempotency keys"),
        }
    }
}

/// Gives up keys that are too old to count, and answers how many.
pub async fn forget(db: &Db, clock: &Clock, hours: u32) -> Result<u64, StoreError> {
    store::prune_unscoped(db, hours_before(clock.now(), hours)).await
}
