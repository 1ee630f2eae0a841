//! Reads a page of the log.

use entity::WorkspaceId;

use super::{
    ChangeCursor, Hub, StreamError,
    event::{Event, SharedEvent},
    stream::check,
};
use crate::{
    auth::Scope,
    store::{
        StoreError,
        change::{self as log, ChangeFilter, LogPosition},
    },
};

/// Maximum number of positions that one call examines, so that a filter with few matches does not read the
/// whole log.
const SPAN: i64 = 10_000;

#[derive(Clone, Debug)]
pub struct LogPage {
    /// The matching events, in order.
    pub events: Vec<SharedEvent>,
    /// The position up to which the log was read.
    pub end: ChangeCursor,
    /// Whether the log continues after `end`.
    pub has_next: bool,
}

/// Reads the events of a workspace after a position, or from the beginning, that are in the scope and match
/// the filter.
pub async fn read(
    hub: &Hub,
    scope: &Scope,
    workspace: WorkspaceId,
    filter: &ChangeFilter,
    after: Option<ChangeCursor>,
    size: u32,
) -> Result<LogPage, StreamError> {
    read_until(hub, scope, workspace, filter, after, i64::MAX, size).await
}

/// Like [`read`], but reads no event after the position `until`.
pub(super) async fn read_until(
    hub: &Hub,
    scope: &Scope,
    workspace: WorkspaceId,
    filter: &ChangeFilter,
    after: Option<ChangeCursor>,
    until: i64,
    size: u32,
) -> Result<LogPage, StreamError> {
    let failed = |error: StoreError| {
        let beginning = || ChangeCursor::at(workspace, LogPosition::default());
        StreamError::Store(error, after.unwrap_or_else(beginning))
    };
    // Read first: all events up to this position are committed.
    let end = hub.end(workspace).await.map_err(failed)?;
    let newest = end.position;
    let from = if let Some(after) = after {
        check(hub, after, &end).await?;
        after
    } else {
        let oldest = log::oldest_unscoped(hub.db(), workspace).await.map_err(failed)?;
        end.cursor(oldest.map_or(newest, |oldest| oldest - 1))
    };
    let after = from.position;
    let last = newest.min(until).min(after.saturating_add(SPAN));
    let probe = u64::from(size) + 1;
    let mut events = log::list(hub.db(), scope, workspace, filter, (after, last), probe)
        .await
        .map_err(failed)?;
    // Events that were deleted during the read are missing from the page, so check again.
    check(hub, from, &end).await?;
    let has_more = events.len() as u64 == probe;
    events.truncate(size as usize);
    let end = match events.last() {
        Some(event) if has_more => ChangeCursor {
            workspace,
            position: event.position,
            epoch: event.epoch,
        },
        // An empty page ends where it began.
        None if has_more => from,
        _ => end.cursor(last),
    };
    Ok(LogPage {
        events: Event::of_page(events).collect(),
        end,
        has_next: end.position < newest,
    })
}
