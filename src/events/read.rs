//! A part of the log, pulled.

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
        change::{self as log, ChangeFilter, LogPlace},
    },
};

/// Positions that one call looks at, however few of them fit: a filter that fits seldom must not read a whole log.
const SPAN: i64 = 10_000;

/// A part of the log.
#[derive(Clone, Debug)]
pub struct LogPage {
    /// The events that fit, in order.
    pub events: Vec<SharedEvent>,
    /// How far the log was read.
    pub end: ChangeCursor,
    /// There is more of it.
    pub has_next: bool,
}

/// The events of a workspace behind a position, or from the beginning, that the scope holds and that fit.
pub async fn read(
    hub: &Hub,
    scope: &Scope,
    workspace: WorkspaceId,
    filter: &ChangeFilter,
    after: Option<ChangeCursor>,
    size: u32,
) -> Result<LogPage, StreamError> {
    let failed = |error: StoreError| {
        let beginning = || ChangeCursor::at(workspace, LogPlace::default());
        StreamError::Store(error, after.unwrap_or_else(beginning))
    };
    // Read first: whatever is at or before it is committed.
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
    let last = newest.min(after.saturating_add(SPAN));
    let probe = u64::from(size) + 1;
    let mut events = log::list(hub.db(), scope, workspace, filter, (after, last), probe)
        .await
        .map_err(failed)?;
    // What was given up while it was read is missing without a word.
    check(hub, from, &end).await?;
    let has_more = events.len() as u64 == probe;
    events.truncate(size as usize);
    let end = match events.last() {
        Some(event) if has_more => ChangeCursor {
            workspace,
            position: event.position,
            epoch: event.epoch,
        },
        // A page of none was read up to where it began.
        None if has_more => from,
        _ => end.cursor(last),
    };
    Ok(LogPage {
        events: Event::of_page(events).collect(),
        end,
        has_next: end.position < newest,
    })
}
