//! Deletes events that are older than the configured number of days.

use std::time::Duration;

use entity::{Timestamp, WorkspaceId};
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    store::{self, Db, StoreError, change as log, epoch},
};

/// Interval between searches for old events.
const INTERVAL: Duration = Duration::from_hours(1);
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Number of events that one transaction deletes.
const BLOCK: i64 = 5_000;

/// Deletes the events of a workspace that are older than `before`, oldest first, and then the epochs without
/// remaining positions. Returns the number of deleted events. Positions are not reused. The newest event
/// remains, so that the log keeps its end.
pub async fn prune(db: &Db, workspace: WorkspaceId, before: Timestamp) -> Result<i64, StoreError> {
    let Some(oldest) = log::oldest_unscoped(db, workspace).await? else {
        return Ok(0);
    };
    let newest = log::newest_unscoped(db, workspace).await?.position;
    let kept = log::first_since_unscoped(db, workspace, before).await?;
    let last = kept.unwrap_or(newest).min(newest) - 1;
    let mut done = oldest - 1;
    while done < last {
        let until = last.min(done + BLOCK);
        let writing = db.begin_alone().await?;
        log::delete_until_unscoped(&writing, workspace, until).await?;
        writing.commit().await?;
        done = until;
    }
    // Most runs delete no epoch. A transaction without a change would still wait for other writers.
    if epoch::has_expired_unscoped(db, workspace, done + 1).await? {
        let writing = db.begin_alone().await?;
        epoch::prune_unscoped(&writing, workspace, done + 1).await?;
        writing.commit().await?;
    }
    Ok((last - oldest + 1).max(0))
}

/// Deletes events older than `days` days in every workspace, at the start and every hour, until the node
/// stops.
pub async fn prune_periodically(db: Db, clock: Clock, days: u32, stop: CancellationToken) {
    let mut turns = tokio::time::interval(INTERVAL);
    loop {
        tokio::select! {
            _ = turns.tick() => {}
            () = stop.cancelled() => return,
        }
        let before = Timestamp(clock.now().0 - i64::from(days) * DAY_MS);
        match prune_all(&db, before).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "deleted expired events of the change log"),
            Err(error) => tracing::warn!(error = ?error, "could not delete expired events of the change log"),
        }
    }
}

async fn prune_all(db: &Db, before: Timestamp) -> Result<i64, StoreError> {
    let mut count = 0;
    for workspace in store::workspace::list_unscoped(db).await? {
        count += prune(db, workspace.id, before).await?;
    }
    Ok(count)
}
