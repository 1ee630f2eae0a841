//! What one listener gets: every event behind a position, each once, in order; first from the log, then live.

use std::collections::VecDeque;

use entity::WorkspaceId;
use futures_util::{Stream, stream::unfold};
use tokio_util::sync::CancellationToken;

use super::{ChangeCursor, Hub, event::SharedEvent, hub::Live, read};
use crate::{
    auth::Scope,
    store::{
        Db, StoreError,
        change::{self as log, ChangeFilter},
    },
};

/// Events read from the log at a time.
const PAGE: u32 = 500;

/// Why a stream ends.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// What lies behind the position is no longer kept. The cursor is the earliest that can be served.
    #[error("what lies behind the position is no longer kept")]
    Expired(ChangeCursor),
    /// The position lies behind the end of the log: it was not made here.
    #[error("the position lies behind the end of the log")]
    FromTheFuture,
    /// The log could not be read. Goes on from the cursor.
    #[error("the log could not be read")]
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
    position: i64,
    /// Events that were read from the log and not given yet.
    replayed: VecDeque<SharedEvent>,
    /// How far the log was read when those are given.
    read_to: i64,
    /// How far the log must be read before what is live can be given.
    until: i64,
    ended: bool,
}

/// Refuses a position that cannot be served: one that does not exist yet, or one behind which events were given up.
pub(super) async fn check(
    db: &Db,
    workspace: WorkspaceId,
    after: i64,
    newest: i64,
) -> Result<(), StreamError> {
    if after > newest {
        return Err(StreamError::FromTheFuture);
    }
    if after == newest {
        return Ok(());
    }
    let at = |position| ChangeCursor { workspace, position };
    let oldest = log::oldest_unscoped(db, workspace).await;
    let oldest = oldest.map_err(|error| StreamError::Store(error, at(after)))?;
    let earliest = oldest.map_or(newest, |oldest| oldest - 1);
    if after < earliest {
        return Err(StreamError::Expired(at(earliest)));
    }
    Ok(())
}

/// What the log holds behind `after`, up to its end as it is now; nothing without `after`. Tells that end too.
pub async fn replay(
    hub: &Hub,
    wanted: Wanted,
    after: Option<i64>,
) -> Result<
    (
        ChangeCursor,
        impl Stream<Item = Result<SharedEvent, StreamError>> + Send + use<>,
    ),
    StreamError,
> {
    let at = |position| wanted.at(position);
    let newest = log::newest_unscoped(hub.db(), wanted.workspace).await;
    let newest = newest.map_err(|error| StreamError::Store(error, at(after.unwrap_or(0))))?;
    if let Some(after) = after {
        check(hub.db(), wanted.workspace, after, newest).await?;
    }
    let end = at(newest);
    let listener = Listener::new(hub, wanted, after.unwrap_or(newest), newest, None);
    Ok((end, listener.events()))
}

/// Every event behind `after`: what the log holds, then live. Ends after an error, and with the node.
pub async fn stream(
    hub: &Hub,
    wanted: Wanted,
    after: i64,
) -> Result<impl Stream<Item = Result<SharedEvent, StreamError>> + Send + use<>, StreamError> {
    // First listen, then read the log to where that began: nothing can fall between.
    let live = hub.listen(wanted.workspace, &wanted.filter, &wanted.scope).await;
    let live = live.map_err(|error| StreamError::Store(error, wanted.at(after)))?;
    let from = live.from;
    Ok(Listener::new(hub, wanted, after, from, Some(live)).events())
}

impl Wanted {
    fn at(&self, position: i64) -> ChangeCursor {
        ChangeCursor {
            workspace: self.workspace,
            position,
        }
    }
}

impl Listener {
    fn new(hub: &Hub, wanted: Wanted, after: i64, until: i64, live: Option<Live>) -> Self {
        Self {
            hub: hub.clone(),
            stop: hub.stopping().clone(),
            wanted,
            live,
            position: after,
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
                self.position = event.position;
                return Ok(Some(event));
            }
            self.position = self.position.max(self.read_to);
            if self.position < self.until {
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
                Some(event) if event.position <= self.position => {}
                Some(event) => {
                    self.position = event.position;
                    return Ok(Some(event));
                }
                // The log grows faster than this listener takes it: what there was no room for is there.
                None => self.listen_again().await?,
            }
        }
    }

    async fn listen_again(&mut self) -> Result<(), StreamError> {
        let Wanted {
            workspace,
            filter,
            scope,
        } = &self.wanted;
        let live = self.hub.listen(*workspace, filter, scope).await;
        let live = live.map_err(|error| StreamError::Store(error, self.wanted.at(self.position)))?;
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
        let page = read(
            self.hub.db(),
            scope,
            *workspace,
            filter,
            Some(self.position),
            PAGE,
        )
        .await?;
        self.read_to = page.end;
        self.replayed = page.events.into();
        Ok(())
    }
}
