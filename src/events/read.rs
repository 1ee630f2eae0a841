//! A part of the log, pulled.

use entity::WorkspaceId;

use super::{
    ChangeCursor, StreamError,
    event::{Event, SharedEvent},
    stream::check,
};
use crate::{
    auth::Scope,
    store::{
        Db, StoreError,
        change::{self as log, ChangeFilter},
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
    pub end: i64,
    /// There is more of it.
    pub has_next: bool,
}

/// The events of a workspace behind a position, or from the beginning, that the scope holds and that fit.
pub async fn read(
    db: &Db,
    scope: &Scope,
    workspace: WorkspaceId,
    filter: &ChangeFilter,
    after: Option<i64>,
    size: u32,
) -> Result<LogPage, StreamError> {
    let failed = |error: StoreError| {
        let position = after.unwrap_or(0);
        StreamError::Store(error, ChangeCursor { workspace, position })
    };
    // Read first: whatever is at or before it is committed.
    let newest = log::newest_unscoped(db, workspace).await.map_err(failed)?;
    let after = if let Some(after) = after {
        check(db, workspace, after, newest).await?;
        after
    } else {
        let oldest = log::oldest_unscoped(db, workspace).await.map_err(failed)?;
        oldest.map_or(newest, |oldest| oldest - 1)
    };
    let last = newest.min(after.saturating_add(SPAN));
    let probe = u64::from(size) + 1;
    let mut events = log::list(db, scope, workspace, filter, (after, last), probe)
        .await
        .map_err(failed)?;
    // What was given up while it was read is missing without a word.
    check(db, workspace, after, newest).await?;
    let has_more = events.len() as u64 == probe;
    events.truncate(size as usize);
    let end = match events.last() {
        Some(event) if has_more => event.position,
        // A page of none was read up to where it began.
        None if has_more => after,
        _ => last,
    };
    Ok(LogPage {
        events: Event::of_page(events).collect(),
        end,
        has_next: end < newest,
    })
}
