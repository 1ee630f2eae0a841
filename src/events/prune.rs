//! Gives up events that are older than an operator wants to keep.

use std::time::Duration;

use entity::{Timestamp, WorkspaceId};
use tokio_util::sync::CancellationToken;

use crate::{
    clock::Clock,
    store::{self, Db, StoreError, change as log, epoch},
};

/// How often old events are looked for.
const EVERY: Duration = Duration::from_hours(1);
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Events deleted in one transaction.
const BLOCK: i64 = 5_000;

/// Deletes the events of a workspace that are older than an instant, the oldest first, and then the epochs of which no
/// cursor is left. Returns the number of events deleted. Positions are not reused, and the newest event stays, so that the
/// log has an end.
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
    let writing = db.begin_alone().await?;
    epoch::prune_unscoped(&writing, workspace, done + 1).await?;
    writing.commit().await?;
    Ok((last - oldest + 1).max(0))
}

/// Gives up what is older than some days in every workspace, now and every hour, until the node ends.
pub async fn prune_from_time_to_time(db: Db, clock: Clock, days: u32, stop: CancellationToken) {
    let mut turns = tokio::time::interval(EVERY);
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
