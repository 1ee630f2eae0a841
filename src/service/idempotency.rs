//! Idempotent requests: a mutation with a known idempotency key returns the stored result and does not run
//! again.
//!
//! All mutations use one mechanism. [`once`] passes [`Services`] with the key to the use case. The
//! [`Transaction`](super::Transaction) of the use case first reserves the key and waits for another
//! transaction that has reserved it. Its commit stores the [`Outcome`] together with the other writes. If the
//! key already has a result, the transaction does not begin, the use case ends, and the result is read again
//! in the scope of the viewer.

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
        connect::WriteTransaction,
        idempotency::{self as store, CompletedRequest, Key, StoredOutcome},
    },
};

/// Maximum length of a key in characters.
pub const KEY_MAX: usize = 255;
/// Path of errors in the key.
const PATH: [&str; 1] = ["idempotencyKey"];
/// Interval between two deletions of old keys, and delay of the first one, so that it does not run while a
/// node starts.
const INTERVAL: Duration = Duration::from_hours(1);
const FIRST: Duration = Duration::from_mins(1);
const HOUR_MS: i64 = 60 * 60 * 1_000;

#[derive(Clone, Debug)]
pub struct IdempotentRequest {
    key: Key,
    arguments: String,
}

impl IdempotentRequest {
    /// Creates the request from the key of the caller and a digest of the arguments.
    pub fn new(viewer: &Viewer, key: String, arguments: String) -> Result<Self, UserError> {
        let length = key.chars().count();
        if !(1..=KEY_MAX).contains(&length) || key.chars().any(char::is_control) {
            let why = format!("must have 1 to {KEY_MAX} printable characters.");
            return Err(UserError::of(UserErrorCode::Invalid, &why, &PATH));
        }
        let (holder_kind, holder_id) = viewer.identity.actor();
        let key = Key {
            holder_kind,
            // Only the operator has no id, and there is one operator.
            holder_id: holder_id.unwrap_or(Uuid::nil()),
            key,
        };
        Ok(Self { key, arguments })
    }

    /// Reserves the key until the transaction ends. Fails with [`Error::Done`] if a result exists.
    pub(super) async fn claim(&self, services: &Services, writing: &WriteTransaction) -> Result<(), Error> {
        let now = services.clock.now();
        let since = services.keys_since(now);
        match store::claim(writing, &self.key, &self.arguments, now, since).await? {
            None => Ok(()),
            Some(done) => Err(Error::Done(Box::new(done))),
        }
    }

    /// Stores the result under the key.
    pub(super) async fn keep(&self, writing: &WriteTransaction, kept: &StoredOutcome) -> Result<(), Error> {
        Ok(store::keep(writing, &self.key, kept).await?)
    }

    /// Reads the stored result again. Fails if it belongs to other arguments.
    async fn tell<T: Outcome>(
        &self,
        services: &Services,
        viewer: &Viewer,
        done: &CompletedRequest,
    ) -> Result<T, Error> {
        // The same arguments of a viewer of another workspace are a different request.
        let workspace: Option<WorkspaceId> = done.kept.workspace.parse().ok();
        let seen = workspace.is_some_and(|id| viewer.scope().holds(id));
        if done.arguments == self.arguments && seen {
            return T::recall(services, viewer, &done.kept).await?.ok_or(Error::Gone);
        }
        let why = "was used before for a different request. Use a new key.";
        let error = UserError::of(UserErrorCode::IdempotencyKeyReused, why, &PATH);
        Err(if seen {
            error.held_by(&done.kept.thing)
        } else {
            error
        }
        .into())
    }
}

/// Result of a use case that can be stored under a key and read again.
pub trait Outcome: Sized + Send {
    /// Returns the stored form, which is enough to find the result again.
    fn keep(&self) -> StoredOutcome;

    /// Reads the current state of the result, as far as the viewer sees it. `None` if the object no longer
    /// exists.
    fn recall(
        services: &Services,
        viewer: &Viewer,
        kept: &StoredOutcome,
    ) -> impl Future<Output = Result<Option<Self>, Error>> + Send;
}

/// Runs a use case for a request that can be repeated. Without a key, it only runs the use case.
pub async fn once<T, F>(
    services: &Services,
    viewer: &Viewer,
    repeat: Option<IdempotentRequest>,
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
        // The first request succeeded, even if a repetition is invalid, for example because a time in its
        // input has passed.
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
    /// Returns the services for one request with a key.
    fn keyed(&self, repeat: IdempotentRequest) -> Self {
        Self {
            repeat: Some(repeat.into()),
            ..self.clone()
        }
    }

    /// Returns the start of the period in which keys are valid.
    fn keys_since(&self, now: Timestamp) -> Timestamp {
        hours_before(now, self.idempotency_key_hours)
    }
}

fn hours_before(now: Timestamp, hours: u32) -> Timestamp {
    Timestamp(now.0 - i64::from(hours) * HOUR_MS)
}

/// Deletes expired keys every hour, until the node stops.
pub async fn forget_periodically(db: Db, clock: Clock, hours: u32, stop: CancellationToken) {
    let mut turns = tokio::time::interval_at(Instant::now() + FIRST, INTERVAL);
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

/// Deletes expired keys and returns their number.
pub async fn forget(db: &Db, clock: &Clock, hours: u32) -> Result<u64, StoreError> {
    store::prune_unscoped(db, hours_before(clock.now(), hours)).await
}
