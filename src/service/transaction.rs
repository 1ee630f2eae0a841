//! Transaction of one use case, with the events that it causes.

use std::future::Future;

use super::{Error, Services, idempotency::Outcome};
use crate::{
    auth::Viewer,
    events::{self, ChangeCursor, NewEvent},
    store::{StoreError, connect::WriteTransaction},
};

/// Maximum number of attempts of a use case when another writer is in the way.
const TRIES: usize = 3;

/// Transaction with the events that it causes, which are written last.
#[derive(Debug)]
pub struct Transaction<'a> {
    services: &'a Services,
    writing: WriteTransaction,
    events: Vec<NewEvent>,
}

impl<'a> Transaction<'a> {
    /// Begins a transaction. Dropping it without a commit rolls back. If the idempotency key of the request
    /// already has a result, no transaction begins.
    pub async fn begin(services: &'a Services) -> Result<Self, Error> {
        Self::claiming(services, services.db.begin().await?).await
    }

    /// Like [`Self::begin`], for a transaction that writes many rows. Other transactions do not wait for its
    /// end.
    pub async fn begin_alone(services: &'a Services) -> Result<Self, Error> {
        Self::claiming(services, services.db.begin_alone().await?).await
    }

    async fn claiming(services: &'a Services, writing: WriteTransaction) -> Result<Self, Error> {
        if let Some(repeat) = &services.repeat {
            repeat.claim(services, &writing).await?;
        }
        Ok(Self {
            services,
            writing,
            events: Vec::new(),
        })
    }

    pub fn writing(&self) -> &WriteTransaction {
        &self.writing
    }

    pub fn record(&mut self, event: NewEvent) {
        self.events.push(event);
    }

    /// Appends the events, commits and notifies the subscribers of the change log. The result is built with
    /// the position of the last event, or `None` without events, and stored if the request has an idempotency
    /// key.
    pub async fn commit<T: Outcome>(
        self,
        actor: &Viewer,
        outcome: impl FnOnce(Option<ChangeCursor>) -> T,
    ) -> Result<T, Error> {
        let (services, now) = (self.services, self.services.clock.now());
        let cursor = events::append(&self.writing, actor, now, self.events).await?;
        let outcome = outcome(cursor);
        if let Some(repeat) = &services.repeat {
            repeat.keep(&self.writing, &outcome.keep()).await?;
        }
        finish(services, self.writing, cursor).await?;
        Ok(outcome)
    }

    /// Like [`Self::commit`], for a block of rows without a result.
    pub async fn commit_rows(self, actor: &Viewer) -> Result<(), Error> {
        let now = self.services.clock.now();
        let cursor = events::append(&self.writing, actor, now, self.events).await?;
        finish(self.services, self.writing, cursor).await
    }
}

async fn finish(
    services: &Services,
    writing: WriteTransaction,
    cursor: Option<ChangeCursor>,
) -> Result<(), Error> {
    writing.commit().await.map_err(|error| match error {
        // A repeated request finds the key if the commit succeeded, so a retry is safe.
        StoreError::InDoubt(cause) if services.repeat.is_some() => StoreError::Lost(cause),
        error => error,
    })?;
    if let Some(cursor) = cursor {
        services.hub.nudge(cursor);
    }
    Ok(())
}

/// Retries a use case if another writer interfered: it wrote the same unique value first or held a lock. The
/// next attempt sees its writes. Also retries if the connection was lost before the commit, or if the attempt
/// saw writes that were then lost.
pub async fn with_retries<T, F>(services: &Services, attempt: impl Fn() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    with_tries(services, TRIES, attempt).await
}

/// Like [`with_retries`], with a maximum number of attempts.
pub async fn with_tries<T, F>(services: &Services, tries: usize, attempt: impl Fn() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut left = tries;
    loop {
        let seen = services.db.seen();
        // On the heap, because a use case holds rows of many columns, and so would every future that awaits
        // it.
        let error = match Box::pin(attempt()).await {
            Err(Error::Store(error @ (StoreError::Busy | StoreError::Taken | StoreError::Lost(_)))) => {
                error.into()
            }
            // An error of the database does not depend on the writes that the attempt saw.
            Err(error @ Error::Store(_)) => return Err(error),
            Err(refusal) => {
                if services.db.is_settled(seen).await {
                    return Err(refusal);
                }
                StoreError::Busy.into()
            }
            done => return done,
        };
        left = left.saturating_sub(1);
        if left == 0 {
            return Err(error);
        }
    }
}
