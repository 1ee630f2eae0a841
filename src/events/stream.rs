//! What one listener gets: every event behind a position, each once, in order; first from the log, then live.

use std::{collections::VecDeque, sync::Arc};

use entity::WorkspaceId;
use futures_util::{Stream, stream::unfold};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::{ChangeCursor, Hub, hub::SharedEvent, read};
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
    /// The listener was too slow for its buffer. Goes on from the cursor.
    #[error("the listener was too slow")]
    SlowConsumer(ChangeCursor),
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

struct Listener {
    hub: Hub,
    workspace: WorkspaceId,
    live: Receiver<SharedEvent>,
    scope: Scope,
    filter: ChangeFilter,
    /// Everything up to here was given, or is not for this listener.
    position: i64,
    /// How far the log was read.
    end: i64,
    /// Events that were read from the log and not given yet.
    replayed: VecDeque<SharedEvent>,
    /// The log may hold more that was not read.
    behind: bool,
    /// Nothing live was received since the log was last read.
    fresh: bool,
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

/// Every event of a workspace behind `after`, or from now on, that the scope holds and that fits. Ends after an error.
pub async fn stream(
    hub: &Hub,
    scope: Scope,
    workspace: WorkspaceId,
    filter: ChangeFilter,
    after: Option<i64>,
) -> Result<impl Stream<Item = Result<SharedEvent, StreamError>> + Send + use<>, StreamError> {
    let failed = |error| {
        StreamError::Store(
            error,
            ChangeCursor {
                workspace,
                position: after.unwrap_or(0),
            },
        )
    };
    // First listen, then read the log to its end: nothing can fall between.
    let live = hub.listen(workspace).await.map_err(failed)?;
    let newest = log::newest_unscoped(hub.db(), workspace).await.map_err(failed)?;
    if let Some(after) = after {
        check(hub.db(), workspace, after, newest).await?;
    }
    let position = after.unwrap_or(newest);
    let listener = Listener {
        hub: hub.clone(),
        workspace,
        live,
        scope,
        filter,
        position,
        end: position,
        replayed: VecDeque::new(),
        behind: position < newest,
        fresh: true,
        ended: false,
    };
    Ok(unfold(listener, |mut listener| async move {
        if listener.ended {
            return None;
        }
        match listener.next().await {
            Ok(Some(event)) => Some((Ok(event), listener)),
            Ok(None) => None,
            Err(error) => {
                listener.ended = true;
                Some((Err(error), listener))
            }
        }
    }))
}

impl Listener {
    async fn next(&mut self) -> Result<Option<SharedEvent>, StreamError> {
        loop {
            if let Some(event) = self.replayed.pop_front() {
                self.position = event.position;
                return Ok(Some(event));
            }
            self.position = self.position.max(self.end);
            if self.behind {
                self.read().await?;
                continue;
            }
            let stop = self.hub.stopping().clone();
            let received = tokio::select! {
                received = self.live.recv() => received,
                () = stop.cancelled() => return Ok(None),
            };
            match received {
                Ok(event) if event.position <= self.position => {}
                Ok(event) if event.position == self.position + 1 => {
                    self.fresh = false;
                    self.position = event.position;
                    if self.filter.takes(&event) && self.scope.sees(&event.workspace_id, &event.customer_id) {
                        return Ok(Some(event));
                    }
                }
                // Positions are dense: what lies between is in the log.
                Ok(_) => self.behind = true,
                // While the log was read, more happened than the buffer holds: not the listener's fault.
                Err(RecvError::Lagged(_)) if self.fresh => self.behind = true,
                Err(RecvError::Lagged(_)) => return Err(StreamError::SlowConsumer(self.cursor())),
                Err(RecvError::Closed) => return Ok(None),
            }
        }
    }

    async fn read(&mut self) -> Result<(), StreamError> {
        let after = Some(self.position);
        let page = read(
            self.hub.db(),
            &self.scope,
            self.workspace,
            &self.filter,
            after,
            PAGE,
        )
        .await?;
        self.behind = page.has_next;
        self.end = page.end;
        self.fresh = true;
        self.replayed = page.events.into_iter().map(Arc::new).collect();
        Ok(())
    }

    fn cursor(&self) -> ChangeCursor {
        ChangeCursor {
            workspace: self.workspace,
            position: self.position,
        }
    }
}
