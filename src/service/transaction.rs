//! One transaction of one use case, with the events that it causes.

use std::future::Future;

use super::{Error, Services};
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
    /// Begins one. Dropped without a commit, it leaves nothing.
    pub async fn begin(services: &'a Services) -> Result<Self, Error> {
        Ok(Self {
            services,
            writing: services.db.begin().await?,
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

    /// Appends the events, makes everything durable and tells those who follow the log. Answers the position of the
    /// last event; none when there was none.
    pub async fn commit(self, actor: &Viewer) -> Result<Option<ChangeCursor>, Error> {
        let now = self.services.clock.now();
        let cursor = events::append(&self.writing, actor, now, self.events).await?;
        self.writing.commit().await?;
        if let Some(cursor) = cursor {
            self.services.hub.nudge(cursor.workspace);
        }
        Ok(cursor)
    }
}

/// Tries a use case again when another writer got in between: it wrote the same unique value first, or held a lock.
/// The next try sees what the other one wrote.
pub async fn with_retries<T, F>(attempt: impl Fn() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    with_tries(TRIES, attempt).await
}

/// The same, so many times.
pub async fn with_tries<T, F>(tries: usize, attempt: impl Fn() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    for _ in 1..tries {
        // On the heap: a use case holds rows of many columns, and so would whoever awaits it.
        match Box::pin(attempt()).await {
            Err(Error::Store(StoreError::Busy | StoreError::Taken)) => {}
            answer => return answer,
        }
    }
    Box::pin(attempt()).await
}
