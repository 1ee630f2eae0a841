//! Gives up events that are older than an operator wants to keep.

use entity::{Timestamp, WorkspaceId};

use crate::store::{Db, StoreError, change as log};

/// Events deleted in one transaction.
const BLOCK: i64 = 5_000;

/// Deletes the events of a workspace that are older than an instant, the oldest first, and answers how many. Positions
/// are not given again, and the newest event stays, so that the log has an end.
pub async fn prune(db: &Db, workspace: WorkspaceId, before: Timestamp) -> Result<i64, StoreError> {
    let Some(oldest) = log::oldest_unscoped(db, workspace).await? else {
        return Ok(0);
    };
    let newest = log::newest_unscoped(db, workspace).await?;
    let kept = log::first_since_unscoped(db, workspace, before).await?;
    let last = kept.unwrap_or(newest).min(newest) - 1;
    let mut done = oldest - 1;
    while done < last {
        let until = last.min(done + BLOCK);
        let writing = db.begin().await?;
        log::delete_until_unscoped(&writing, workspace, until).await?;
        writing.commit().await?;
        done = until;
    }
    Ok((last - oldest + 1).max(0))
}
