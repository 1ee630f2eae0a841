//! The events of one listener: every event after a position, once and in order, first from the log and then
//! live.

use std::collections::VecDeque;

use entity::WorkspaceId;
use futures_util::{Stream, stream::unfold};
use tokio_util::sync::CancellationToken;

use super::{
    ChangeCursor, Hub,
    epochs::{CursorStatus, End},
    event::SharedEvent,
    followed::{LiveEvents, LogWatch},
    read::read_until,
};
use crate::{
    auth::Scope,
    store::{
        StoreError,
        change::{self as log, ChangeFilter},
    },
};

/// Number of events that one read of the log returns at most.
const PAGE: u32 = 500;

/// Reason why a stream ends.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The events after the position have been deleted. Contains the earliest cursor that can be served.
    #[error("the events after the position are no longer stored")]
    Expired(ChangeCursor),
    /// The position does not belong to the history of this database. Contains the last shared cursor or, if
    /// that is unknown, the earliest cursor that can be served.
    #[error("the position does not belong to the history of this database")]
    Parted(ChangeCursor),
    /// The log could not be read. Contains the cursor from which the client can resume.
    #[error("could not read the change log")]
    Store(#[source] StoreError, ChangeCursor),
}

/// The log and the events that a listener requests.
#[derive(Clone, Debug)]
pub struct EventSelection {
    pub workspace: WorkspaceId,
    pub scope: Scope,
    pub filter: ChangeFilter,
}

/// Receives the position that a replay has reached at its end.
pub type OnEnd = Box<dyn FnOnce(ChangeCursor) + Send>;

/// What follows the events in the log.
enum Next {
    Live(LiveEvents),
    /// The end of the stream.
    End(LogWatch, Option<OnEnd>),
}

struct Listener {
    hub: Hub,
    stop: CancellationToken,
    wanted: EventSelection,
    then: Next,
    /// All events up to this position were delivered or do not match.
    reached: ChangeCursor,
    /// Events that were read from the log but not delivered yet.
    replayed: VecDeque<SharedEvent>,
    /// The position up to which the log was read for `replayed`.
    read_to: ChangeCursor,
    /// Events up to this position are read from the log, later ones are live. The follower of the log has reached
    /// the position, and the log is never read further: only the follower notices that delivered events were lost
    /// or replaced.
    until: i64,
    ended: bool,
}

/// Rejects a position that cannot be served: one of another history, or one after which events were deleted.
pub(super) async fn check(hub: &Hub, after: ChangeCursor, end: &End) -> Result<(), StreamError> {
    let failed = |error| StreamError::Store(error, after);
    let status = end.cursor_status(after);
    let shared = match status {
        CursorStatus::Held if after.position == end.position => return Ok(()),
        CursorStatus::Held => None,
        CursorStatus::Parted(position) => Some(position),
        CursorStatus::Unknown => Some(0),
        CursorStatus::Beyond => {
            hub.epochs().suspect(hub.db(), end).await.map_err(failed)?;
            Some(end.position)
        }
    };
    let oldest = log::oldest_unscoped(hub.db(), after.workspace).await;
    let earliest = oldest.map_err(failed)?.map_or(end.position, |oldest| oldest - 1);
    match shared {
        // The epoch may have been deleted together with its events.
        Some(_) if status == CursorStatus::Unknown && after.position < earliest => {
            Err(StreamError::Expired(end.cursor(earliest)))
        }
        Some(shared) => Err(StreamError::Parted(end.cursor(shared.max(earliest)))),
        None if after.position < earliest => Err(StreamError::Expired(end.cursor(earliest))),
        None => Ok(()),
    }
}

/// The events of the log after `after`, up to the current end. No events without `after`. Calls `on_end` with the
/// position that was reached, unless the stream ends with an error.
pub async fn replay(
    hub: &Hub,
    wanted: EventSelection,
    after: Option<ChangeCursor>,
    on_end: OnEnd,
) -> Result<impl Stream<Item = Result<SharedEvent, StreamError>> + Send + use<>, StreamError> {
    let end = hub.end(wanted.workspace).await;
    let end = end.map_err(|error| {
        let beginning = || ChangeCursor::at(wanted.workspace, log::LogPosition::default());
        StreamError::Store(error, after.unwrap_or_else(beginning))
    })?;
    if let Some(after) = after {
        check(hub, after, &end).await?;
    }
    let newest = end.cursor(end.position);
    let start = after.unwrap_or(newest);
    let watch = reach(hub, newest).await.map_err(|error| match error {
        StreamError::Store(error, _) => StreamError::Store(error, start),
        // The start was a position of this history, so the client continues from there.
        StreamError::Parted(shared) if shared.position > start.position => StreamError::Parted(start),
        other => other,
    })?;
    let until = newest.position;
    let next = Next::End(watch, Some(on_end));
    Ok(Listener::new(hub, wanted, start, until, next).events())
}

/// All events after `after`, first from the log and then live. Ends after an error and when the node stops.
pub async fn stream(
    hub: &Hub,
    wanted: EventSelection,
    after: ChangeCursor,
) -> Result<impl Stream<Item = Result<SharedEvent, StreamError>> + Send + use<>, StreamError> {
    // Listening starts before the log is read, so that no event is missed in between.
    let live = listen(hub, &wanted, after).await?;
    let from = live.from;
    Ok(Listener::new(hub, wanted, after, from, Next::Live(live)).events())
}

/// Waits until the follower of the log has read up to a position. Fails if the log does not contain the position.
async fn reach(hub: &Hub, position: ChangeCursor) -> Result<LogWatch, StreamError> {
    let failed = |error| StreamError::Store(error, position);
    loop {
        let watch = hub.watch(position.workspace).await.map_err(failed)?;
        if position.position <= watch.position() {
            return Ok(watch);
        }
        let end = hub.end(position.workspace).await.map_err(failed)?;
        check(hub, position, &end).await?;
        tokio::select! {
            () = watch.wait_for(position.position) => {}
            // A live stream ends at once, and a replay reads the log to its end.
            () = hub.stopping().cancelled() => return Ok(watch),
        }
    }
}

/// Listens as soon as the follower of the log has reached the position of the listener.
async fn listen(
    hub: &Hub,
    wanted: &EventSelection,
    reached: ChangeCursor,
) -> Result<LiveEvents, StreamError> {
    let failed = |error| StreamError::Store(error, reached);
    let EventSelection {
        workspace,
        filter,
        scope,
    } = wanted;
    loop {
        let _watch = reach(hub, reached).await?;
        let live = hub.listen(*workspace, filter, scope).await.map_err(failed)?;
        if reached.position < live.from || hub.stopping().is_cancelled() {
            // The next read of the log checks the position.
            return Ok(live);
        }
        let end = hub.end(*workspace).await.map_err(failed)?;
        check(hub, reached, &end).await?;
        if reached.position == live.from {
            return Ok(live);
        }
    }
}

/// The error for a log that has the delivered positions, but with other events.
async fn parted(hub: &Hub, reached: ChangeCursor) -> StreamError {
    match hub.end(reached.workspace).await {
        Ok(end) => StreamError::Parted(end.cursor(0)),
        Err(error) => StreamError::Store(error, reached),
    }
}

impl Listener {
    fn new(hub: &Hub, wanted: EventSelection, after: ChangeCursor, until: i64, next: Next) -> Self {
        Self {
            hub: hub.clone(),
            stop: hub.stopping().clone(),
            wanted,
            then: next,
            reached: after,
            replayed: VecDeque::new(),
            read_to: after,
            until,
            ended: false,
        }
    }

    fn events(self) -> impl Stream<Item = Result<SharedEvent, StreamError>> + Send + use<> {
        unfold(self, |mut listener| async move {
            if listener.ended {
                return None;
            }
            let next = listener.next().await.transpose()?;
            listener.ended = next.is_err();
            Some((next, listener))
        })
    }

    async fn next(&mut self) -> Result<Option<SharedEvent>, StreamError> {
        loop {
            if let Some(event) = self.replayed.pop_front() {
                self.reached = event.cursor();
                return Ok(Some(event));
            }
            if self.reached.position < self.read_to.position {
                self.reached = self.read_to;
            }
            let is_behind = self.reached.position < self.until;
            if is_behind && self.read().await? {
                continue;
            }
            let live = match &mut self.then {
                Next::Live(live) => live,
                Next::End(watch, on_end) => {
                    if watch.is_parted() {
                        return Err(parted(&self.hub, self.reached).await);
                    }
                    // A replay that is still behind has lost events that it was to deliver.
                    if is_behind {
                        return Err(StreamError::Parted(self.reached));
                    }
                    if let Some(on_end) = on_end.take() {
                        on_end(self.reached);
                    }
                    return Ok(None);
                }
            };
            if is_behind {
                // The log ends before the position that it had, so the follower should find out.
                live.watch.nudge();
            }
            let event = tokio::select! {
                event = live.next() => event,
                () = self.stop.cancelled() => return Ok(None),
            };
            match event {
                Some(event) if !is_behind && event.position <= self.reached.position => {}
                Some(event) if !is_behind => {
                    self.reached = event.cursor();
                    return Ok(Some(event));
                }
                // The queue was full because the log grows faster than the listener reads, or the event is not the
                // next one. The missing events are in the log.
                _ => self.listen_again().await?,
            }
        }
    }

    async fn listen_again(&mut self) -> Result<(), StreamError> {
        let Next::Live(live) = &self.then else {
            return Ok(());
        };
        let is_parted = live.watch.is_parted();
        let live = listen(&self.hub, &self.wanted, self.reached).await?;
        if is_parted {
            return Err(parted(&self.hub, self.reached).await);
        }
        self.until = live.from;
        self.then = Next::Live(live);
        Ok(())
    }

    /// Reads a page of the log. Returns whether the log continues after the reached position.
    async fn read(&mut self) -> Result<bool, StreamError> {
        let EventSelection {
            workspace,
            filter,
            scope,
        } = &self.wanted;
        let (after, until) = (Some(self.reached), self.until);
        let page = read_until(&self.hub, scope, *workspace, filter, after, until, PAGE).await?;
        self.read_to = page.end;
        self.replayed = page.events.into();
        Ok(self.read_to.position > self.reached.position)
    }
}
