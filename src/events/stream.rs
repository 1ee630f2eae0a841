//! What one listener gets: every event behind a position, each once, in order; first from the log, then live.

use std::collections::VecDeque;

use entity::WorkspaceId;
use futures_util::{Stream, stream::unfold};
use tokio_util::sync::CancellationToken;

use super::{
    ChangeCursor, Hub,
    epochs::{End, Standing},
    event::SharedEvent,
    hub::Live,
    read,
};
use crate::{
    auth::Scope,
    store::{
        StoreError,
        change::{self as log, ChangeFilter},
    },
};

/// Events read from the log at a time.
const PAGE: u32 = 500;

/// Why a stream ends.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// What lies behind the position is no longer kept. The cursor is the earliest that can be served.
    #[error("the events after the position are no longer stored")]
    Expired(ChangeCursor),
    /// The position is not of the history that this database holds. The cursor is the last that both have, or, where that
    /// is not known, the earliest that can be served.
    #[error("the position does not belong to the history of this database")]
    Parted(ChangeCursor),
    /// The log could not be read. Goes on from the cursor.
    #[error("could not read the change log")]
    Store(#[source] StoreError, ChangeCursor),
}

/// Which events of which log are wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Whose log.
    pub workspace: WorkspaceId,
    /// Those that this scope holds,
    pub scope: Scope,
    /// and that fit.
    pub filter: ChangeFilter,
}

struct Listener {
    hub: Hub,
    stop: CancellationToken,
    wanted: Wanted,
    /// Where events come from when the log is read; none for one that only reads the log.
    live: Option<Live>,
    /// Everything up to here was given, or is not for this listener.
    reached: ChangeCursor,
    /// Events that were read from the log and not given yet.
    replayed: VecDeque<SharedEvent>,
    /// How far the log was read when those are given.
    read_to: ChangeCursor,
    /// How far the log must be read before what is live can be given.
    until: i64,
    ended: bool,
}

/// Refuses a position that cannot be served: one of another history, or one behind which events were given up.
pub(super) async fn check(hub: &Hub, after: ChangeCursor, end: &End) -> Result<(), StreamError> {
    let failed = |error| StreamError::Store(error, after);
    let shared = match end.standing(after) {
        Standing::Held if after.position == end.position => return Ok(()),
        Standing::Held => None,
        Standing::Parted(position) => Some(position),
        Standing::Unknown => Some(0),
        Standing::Beyond => {
            hub.epochs().suspect(hub.db(), end).await.map_err(failed)?;
            Some(end.position)
        }
    };
    let oldest = log::oldest_unscoped(hub.db(), after.workspace).await;
    let earliest = oldest.map_err(failed)?.map_or(end.position, |oldest| oldest - 1);
    match shared {
        Some(shared) => Err(StreamError::Parted(end.cursor(shared.max(earliest)))),
        None if after.position < earliest => Err(StreamError::Expired(end.cursor(earliest))),
        None => Ok(()),
    }
}

/// What the log holds behind `after`, up to its end as it is now; nothing without `after`. Tells that end too.
pub async fn replay(
    hub: &Hub,
    wanted: Wanted,
    after: Option<ChangeCursor>,
) -> Result<
    (
        ChangeCursor,
        impl Stream<Item = Result<SharedEvent, StreamError>> + Send + use<>,
    ),
    StreamError,
> {
    let end = hub.end(wanted.workspace).await;
    let end = end.map_err(|error| {
        let beginning = || ChangeCursor::at(wanted.workspace, log::LogPlace::default());
        StreamError::Store(error, after.unwrap_or_else(beginning))
    })?;
    if let Some(after) = after {
        check(hub, after, &end).await?;
    }
    let newest = end.cursor(end.position);
    let listener = Listener::new(hub, wanted, after.unwrap_or(newest), newest.position, None);
    Ok((newest, listener.events()))
}

/// Every event behind `after`: what the log holds, then live. Ends after an error, and with the node.
pub async fn stream(
    hub: &Hub,
    wanted: Wanted,
    after: ChangeCursor,
) -> Result<impl Stream<Item = Result<SharedEvent, StreamError>> + Send + use<>, StreamError> {
    // First listen, then read the log to where that began: nothing can fall between.
    let live = hub.listen(wanted.workspace, &wanted.filter, &wanted.scope).await;
    let live = live.map_err(|error| StreamError::Store(error, after))?;
    let from = live.from;
    Ok(Listener::new(hub, wanted, after, from, Some(live)).events())
}

impl Listener {
    fn new(hub: &Hub, wanted: Wanted, after: ChangeCursor, until: i64, live: Option<Live>) -> Self {
        Self {
            hub: hub.clone(),
            stop: hub.stopping().clone(),
            wanted,
            live,
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
            if self.reached.position < self.until {
                self.read().await?;
                continue;
            }
            let Some(live) = &mut self.live else {
                return Ok(None);
            };
            let event = tokio::select! {
                event = live.next() => event,
                () = self.stop.cancelled() => return Ok(None),
            };
            match event {
                Some(event) if event.position <= self.reached.position => {}
                Some(event) => {
                    self.reached = event.cursor();
                    return Ok(Some(event));
                }
                // The log grows faster than this listener takes it: what there was no room for is there.
                None => self.listen_again().await?,
            }
        }
    }

    async fn listen_again(&mut self) -> Result<(), StreamError> {
        let failed = |error| StreamError::Store(error, self.reached);
        let is_parted = self.live.as_ref().is_some_and(Live::is_parted);
        let Wanted {
            workspace,
            filter,
            scope,
        } = &self.wanted;
        let live = self.hub.listen(*workspace, filter, scope).await.map_err(failed)?;
        if is_parted || self.reached.position >= live.from {
            // Otherwise it is looked at when the log is read.
            let end = self.hub.end(*workspace).await.map_err(failed)?;
            check(&self.hub, self.reached, &end).await?;
            if is_parted {
                // The log has what this listener was given, by number only.
                return Err(StreamError::Parted(end.cursor(0)));
            }
        }
        self.until = live.from;
        self.live = Some(live);
        Ok(())
    }

    async fn read(&mut self) -> Result<(), StreamError> {
        let Wanted {
            workspace,
            filter,
            scope,
        } = &self.wanted;
        let after = Some(self.reached);
        let page = read(&self.hub, scope, *workspace, filter, after, PAGE).await?;
        self.read_to = page.end;
        self.replayed = page.events.into();
        Ok(())
    }
}
