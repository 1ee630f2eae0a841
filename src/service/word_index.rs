//! Writes search words of customers and name keys for rows without them or with those of older rules.
//!
//! A customer is written together with its words. After an upgrade, a node indexes the existing rows while it
//! serves, and continues where the last node stopped. Until the index is complete, searches are rejected. It
//! writes no events, because words are not fields of customers.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use entity::{CustomerId, WorkspaceId, word_index::Model};
use tokio_util::sync::CancellationToken;

use super::{Error, Services, transaction::with_tries};
use crate::{
    auth::Scope,
    store::{StoreError, connect::WriteTransaction, customer::Search, word_index as store},
    words::VERSION,
};

/// Maximum number of customers that one transaction writes.
const BATCH: u64 = 500;
/// Maximum number of attempts for a batch, because other writers can lock its customers repeatedly.
const TRIES: usize = 20;
/// Delay after a batch that could not be written.
const PAUSE: Duration = Duration::from_secs(10);

/// Whether the index is known to be complete. It remains complete.
#[derive(Debug, Default)]
pub struct IndexState(AtomicBool);

impl Services {
    /// Prepares a search for customers that have, for each entry, a word that starts with one of its texts.
    pub async fn search_customers(
        &self,
        scope: &Scope,
        workspace: Option<WorkspaceId>,
        words: Vec<Vec<String>>,
    ) -> Result<Search, StoreError> {
        if !self.is_indexed().await? {
            return Err(StoreError::NotIndexed);
        }
        Search::of(&self.db, scope, workspace, words).await
    }

    async fn is_indexed(&self) -> Result<bool, StoreError> {
        if self.indexed.0.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let state = store::state_unscoped(&self.db).await?;
        let is_complete = state.as_ref().is_some_and(is_complete);
        self.indexed.0.store(is_complete, Ordering::Relaxed);
        Ok(is_complete)
    }
}

/// Words of a later version, which runs at the same time as this one, are also sufficient.
fn is_complete(state: &Model) -> bool {
    state.is_complete && state.version >= VERSION
}

/// Indexes all rows again and reports the number of customers that are done. Other writers can continue in
/// the meantime.
pub async fn reindex(services: &Services, tell: &mut impl FnMut(u64)) -> Result<(), Error> {
    let (mut after, mut done) = (None, 0);
    loop {
        let (last, count) = with_tries(services, TRIES, || batch(services, after)).await?;
        done += count;
        tell(done);
        if last.is_none() {
            return Ok(());
        }
        after = last;
    }
}

async fn batch(services: &Services, after: Option<CustomerId>) -> Result<(Option<CustomerId>, u64), Error> {
    let writing = services.db.begin_alone().await?;
    let (last, count) = write_next(&writing, after).await?;
    if last.is_none() {
        store::put_state_unscoped(&writing, state(None)).await?;
    }
    writing.commit().await?;
    Ok((last, count))
}

/// Writes the words of the next customers or, after the last of them, the remaining parts of the index.
/// Returns the last customer and their number.
async fn write_next(
    writing: &WriteTransaction,
    after: Option<CustomerId>,
) -> Result<(Option<CustomerId>, u64), StoreError> {
    let rows = store::customers_to_change_unscoped(writing, after, BATCH).await?;
    store::index_customers_unscoped(writing, &rows).await?;
    let last = rows.last().map(|row| row.id);
    if last.is_none() {
        store::index_agents_unscoped(writing).await?;
        store::forget_words_of_the_deleted_unscoped(writing).await?;
    }
    Ok((last, rows.len() as u64))
}

/// State in which everything up to a customer follows the current rules. Without a customer, everything does.
fn state(last_id: Option<CustomerId>) -> Model {
    Model {
        version: VERSION,
        last_id,
        is_complete: last_id.is_none(),
    }
}

/// Completes the index. Runs until the index is complete or the node stops.
pub async fn complete(services: Services, stop: CancellationToken) {
    let mut told = false;
    loop {
        let pause = match with_tries(&services, TRIES, || step(&services)).await {
            Ok(true) => {
                if told {
                    tracing::info!("the customer search index is complete");
                }
                return;
            }
            Ok(false) => {
                if !told {
                    tracing::info!(
                        "building the customer search index; searches are rejected until it is complete"
                    );
                }
                told = true;
                Duration::ZERO
            }
            Err(error) => {
                tracing::warn!(error = ?error, "could not build the customer search index");
                PAUSE
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Writes the next batch and returns whether the index is complete. Nodes that start together take turns.
async fn step(services: &Services) -> Result<bool, Error> {
    if services.is_indexed().await? {
        return Ok(true);
    }
    let writing = services.db.begin_alone().await?;
    let held = store::hold_state_unscoped(&writing).await?;
    if held.as_ref().is_some_and(is_complete) {
        return Ok(true);
    }
    let after = held
        .filter(|held| held.version == VERSION)
        .and_then(|held| held.last_id);
    let (last, _) = write_next(&writing, after).await?;
    store::put_state_unscoped(&writing, state(last)).await?;
    writing.commit().await?;
    Ok(last.is_none())
}
