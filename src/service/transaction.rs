//! One transaction of one use case, with the events that it causes.

use std::future::Future;

use super::{Error, Services, repeat::Outcome};
use crate::{
    auth::Viewer,
    events::{self, ChangeCursor, NewEvent},
    store::{StoreError, connect::Writing},
};

/// How often a use case is tried when another writer is in the way.
const TRIES: usize = 3;

/// A transaction and the events that it causes, which are written last.
#[derive(Debug)]
pub struct Transaction<'a> {
    services: &'a Services,
    writing: Writing,
    events: Vec<NewEvent>,
}

impl<'a> Transaction<'a> {
    /// Begins one. Dropped without a commit, it leaves nothing. Where the request was served already, by its key, none
    /// begins.
    pub async fn begin(services: &'a Services) -> Result<Self, Error> {
        Self::claiming(services, services.db.begin().await?).await
    }

    /// The same, for one that writes many rows: others do not wait for its end.
    pub async fn begin_alone(services: &'a Services) -> Result<Self, Error> {
        Self::claiming(services, services.db.begin_alone().await?).await
    }

    async fn claiming(services: &'a Services, writing: Writing) -> Result<Self, Error> {
        if let Some(repeat) = &services.repeat {
            repeat.claim(services, &writing).await?;
        }
        Ok(Self {
            services,
            writing,
            events: Vec::new(),
        })
    }

    /// For statements inside it.
    pub fn writing(&self) -> &Writing {
        &self.writing
    }

    /// Notes that something happened.
    pub fn record(&mut self, event: NewEvent) {
        self.events.push(event);
    }

    /// Appends the events, makes everything durable and tells those who follow the log. The outcome is made with the
    /// position of the last event, none when there was none, and kept where the request may come again.
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

    /// The same for a block of rows.
    pub async fn commit_rows(self, actor: &Viewer) -> Result<(), Error> {
        let now = self.services.clock.now();
        let cursor = events::append(&self.writing, actor, now, self.events).await?;
        finish(self.services, self.writing, cursor).await
    }
}

async fn finish(services: &Services, writing: Writing, cursor: Option<ChangeCursor>) -> Result<(), Error> {
    writing.commit().await.map_err(|error| match error {
        // Whoever does it again finds the key, if it was done.
        StoreError::InDoubt(cause) if services.repeat.is_some() => StoreError::Lost(cause),
        error => error,
    })?;
    if let Some(cursor) = cursor {
        services.hub.nudge(cursor);
    }
    Ok(())
}

/// Tries a use case again when another writer got in between: it wrote the same unique value first, or held a lock; the
/// next try sees what the other one wrote. And when the connection was lost before anything was made durable, or when what
/// was seen of others was given up by them.
pub async fn with_retries<T, F>(services: &Services, attempt: impl Fn() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    with_tries(services, TRIES, attempt).await
}

/// The same, so many times.
pub async fn with_tries<T, F>(services: &Services, tries: usize, attempt: impl Fn() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut left = tries;
    loop {
        let seen = services.db.seen();
        // On the heap: a use case holds rows of many columns, and so would whoever awaits it.
        let error = match Box::pin(attempt()).await {
            Err(Error::Store(error @ (StoreError::Busy | StoreError::Taken | StoreError::Lost(_)))) => {
                error.into()
            }
            // What the database says is so, whatever was seen.
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
