//! Follows each workspace's log once, for all who listen on this node.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use entity::{Timestamp, WorkspaceId, change::Model};
use tokio::sync::{Notify, mpsc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;

use super::{
    ChangeCursor,
    audience::{Audience, Place},
    bus::Outbound,
    epochs::{End, Epochs, Standing},
    event::{Event, SharedEvent},
};
use crate::{
    auth::Scope,
    clock::Clock,
    config::NatsUrl,
    store::{
        Db, StoreError,
        change::{self as log, ChangeFilter, LogPlace},
        dialect::Dialect,
    },
};

/// Events read from the log at a time.
const PAGE: u64 = 500;

/// The followers of the logs, by workspace. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Hub {
    db: Db,
    tasks: TaskTracker,
    stop: CancellationToken,
    followed: Arc<Mutex<HashMap<WorkspaceId, Arc<Followed>>>>,
    /// How long a lost nudge can delay an event.
    poll: Duration,
    outbound: Arc<Outbound>,
    epochs: Epochs,
}

#[derive(Debug)]
struct Followed {
    nudge: Notify,
    audience: Mutex<Audience>,
    /// The furthest that another node says it has written, until it was looked for.
    told: Mutex<Option<LogPlace>>,
    /// How often the log was found to be another one, which has as many events as were given.
    partings: AtomicU32,
}

/// How far a log was followed, and what tells the event there from that of another history.
#[derive(Debug)]
struct Trail {
    reached: LogPlace,
    /// None before the first event was read.
    event: Option<(Uuid, Timestamp, i64)>,
}

impl Hub {
    /// One that follows nothing yet. `poll` is how long a lost nudge can delay an event.
    pub fn new(db: Db, clock: Clock, poll: Duration, tasks: TaskTracker, stop: CancellationToken) -> Self {
        Self {
            db,
            tasks,
            stop,
            followed: Arc::default(),
            poll,
            outbound: Arc::default(),
            epochs: Epochs::new(clock),
        }
    }

    /// Tells other nodes of this one's commits, and hears of theirs, until the node ends. `node` is a name that no
    /// other node has; `nats` carries it, if there is one.
    pub fn share(&self, node: String, nats: Option<NatsUrl>) {
        if self.db.dialect() == Dialect::Postgres {
            let outbound = self.outbound.clone();
            self.tasks.spawn(super::share(self.clone(), outbound, node, nats));
        }
    }

    /// Where the logs are kept.
    pub(super) fn db(&self) -> &Db {
        &self.db
    }

    /// The epochs that are known.
    pub(super) fn epochs(&self) -> &Epochs {
        &self.epochs
    }

    /// The end of a workspace's log.
    pub(super) async fn end(&self, workspace: WorkspaceId) -> Result<End, StoreError> {
        self.epochs.end(&self.db, workspace).await
    }

    /// The cursor of the end of a workspace's log.
    pub async fn newest(&self, workspace: WorkspaceId) -> Result<ChangeCursor, StoreError> {
        let end = self.end(workspace).await?;
        Ok(end.cursor(end.position))
    }

    /// Ends with the process.
    pub(super) fn stopping(&self) -> &CancellationToken {
        &self.stop
    }

    /// Says that a workspace has new events up to this one. Called after each commit; a hint, cheap without listeners.
    pub fn nudge(&self, newest: ChangeCursor) {
        self.nudge_here(newest.workspace, None);
        if self.db.dialect() == Dialect::Postgres {
            self.outbound.note(newest);
        }
    }

    /// The same, said by another node, which may tell how far it has written.
    pub(super) fn nudge_here(&self, workspace: WorkspaceId, told: Option<LogPlace>) {
        if let Some(followed) = self.locked().get(&workspace) {
            if let Some(told) = told {
                followed.tell(told);
            }
            followed.nudge.notify_one();
        }
    }

    /// Anything may have happened.
    pub(super) fn nudge_all(&self) {
        for followed in self.locked().values() {
            followed.nudge.notify_one();
        }
    }

    /// Every event of a workspace from now on that the scope holds and that fits. What was committed before must be
    /// read from the log, after this returns: so that nothing falls between.
    pub(super) async fn listen(
        &self,
        workspace: WorkspaceId,
        filter: &ChangeFilter,
        scope: &Scope,
    ) -> Result<Live, StoreError> {
        let followed = self
            .locked()
            .get(&workspace)
            .map(|f| Live::join(f, filter, scope));
        if let Some(live) = followed {
            return Ok(live);
        }
        // Read before the follower exists: it gives everything behind this position to whoever listens by then.
        let newest = self.newest(workspace).await?;
        let mut map = self.locked();
        let followed = map.entry(workspace).or_insert_with(|| {
            let followed = Arc::new(Followed {
                nudge: Notify::new(),
                audience: Mutex::new(Audience::at(newest.position)),
                told: Mutex::default(),
                partings: AtomicU32::new(0),
            });
            self.tasks.spawn(self.clone().follow(newest, followed.clone()));
            followed
        });
        // Under the lock of the map: a follower without an audience goes away.
        Ok(Live::join(followed, filter, scope))
    }

    async fn follow(self, from: ChangeCursor, followed: Arc<Followed>) {
        let ChangeCursor {
            workspace,
            position,
            epoch,
        } = from;
        let mut trail = Trail {
            reached: LogPlace { position, epoch },
            event: None,
        };
        let _following = Following {
            hub: self.clone(),
            workspace,
            followed: followed.clone(),
        };
        loop {
            if let Err(error) = self.read_to_end(workspace, &followed, &mut trail).await {
                tracing::warn!(workspace = %workspace, error = ?error, "could not read the change log");
            }
            tokio::select! {
                () = followed.nudge.notified() => {}
                () = tokio::time::sleep(self.poll) => {}
                () = self.stop.cancelled() => return,
            }
            let mut map = self.locked();
            // Under the lock nobody can begin to listen in between.
            if followed.audience().is_empty() {
                map.remove(&workspace);
                return;
            }
        }
    }

    async fn read_to_end(
        &self,
        workspace: WorkspaceId,
        followed: &Followed,
        trail: &mut Trail,
    ) -> Result<(), StoreError> {
        // Before the log is read: what another node has committed by now is there, if it is the same log.
        let told = followed.take_told();
        loop {
            // With the last event of the page before, to see that it is the same log.
            let after = trail.reached.position;
            let mut page = log::list_unscoped(&self.db, workspace, (after - 1).max(0), PAGE).await?;
            let full = page.len() as u64 == PAGE;
            if !trail.leads_to(&page) {
                return self.part(workspace, followed, trail).await;
            }
            page.retain(|event| event.position > after);
            for event in Event::of_page(page) {
                followed.audience().give(&event);
            }
            if !full {
                break;
            }
        }
        match told {
            Some(told) if told.position > trail.reached.position => self.look_for(workspace, told).await,
            _ => Ok(()),
        }
    }

    /// Goes on from the end of a log that is not the one which was followed. Those who listen look where they are in it.
    async fn part(
        &self,
        workspace: WorkspaceId,
        followed: &Followed,
        trail: &mut Trail,
    ) -> Result<(), StoreError> {
        let end = self.end(workspace).await?;
        tracing::warn!(
            workspace = %workspace,
            followed = trail.reached.position,
            newest = end.position,
            "the change log does not continue the one that was followed; the database was restored or promoted"
        );
        // Otherwise one has begun already.
        let standing = end.standing(ChangeCursor::at(workspace, trail.reached));
        if matches!(standing, Standing::Beyond | Standing::Held) {
            self.epochs.suspect(&self.db, &end).await?;
        }
        let newest = end.cursor(end.position);
        *trail = Trail {
            reached: LogPlace {
                position: newest.position,
                epoch: newest.epoch,
            },
            event: None,
        };
        if standing == Standing::Held {
            // The other log has grown past what was given. Only by number is it the same: no cursor tells.
            followed.partings.fetch_add(1, Ordering::SeqCst);
        }
        followed.audience().begin_at(newest.position);
        Ok(())
    }

    /// Looks for a position that another node says it has written.
    async fn look_for(&self, workspace: WorkspaceId, told: LogPlace) -> Result<(), StoreError> {
        let end = self.end(workspace).await?;
        if end.standing(ChangeCursor::at(workspace, told)) == Standing::Beyond {
            self.epochs.suspect(&self.db, &end).await?;
        }
        Ok(())
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<WorkspaceId, Arc<Followed>>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Trail {
    /// Whether a page that begins with the event which was reached is of the log that was followed. Remembers its end.
    fn leads_to(&mut self, page: &[Model]) -> bool {
        let of = |event: &Model| (event.object_id, event.at, event.epoch);
        let position = self.reached.position;
        let is_same = match page.first() {
            Some(first) if first.position == position => self.event.is_none_or(|event| event == of(first)),
            // The newest event is never given up. One before it may be.
            Some(_) => true,
            None => self.event.is_none(),
        };
        if is_same && let Some(last) = page.last() {
            self.event = Some(of(last));
            self.reached = LogPlace {
                position: last.position,
                epoch: last.epoch,
            };
        }
        is_same
    }
}

impl Followed {
    /// Notes how far another node has written.
    fn tell(&self, told: LogPlace) {
        let mut furthest = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if furthest.is_none_or(|furthest| furthest.position < told.position) {
            *furthest = Some(told);
        }
    }

    fn take_told(&self) -> Option<LogPlace> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn audience(&self) -> MutexGuard<'_, Audience> {
        self.audience.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A follower, until it ends in whatever way: nobody must wait for what nobody gives. Those who listen do so again.
struct Following {
    hub: Hub,
    workspace: WorkspaceId,
    followed: Arc<Followed>,
}

impl Drop for Following {
    fn drop(&mut self) {
        let mut map = self.hub.locked();
        if map
            .get(&self.workspace)
            .is_some_and(|there| Arc::ptr_eq(there, &self.followed))
        {
            map.remove(&self.workspace);
        }
        self.followed.audience().dismiss();
    }
}

/// One who listens, until it is dropped.
#[derive(Debug)]
pub(super) struct Live {
    /// Every event behind this position is given, until there is no room for one.
    pub from: i64,
    events: mpsc::Receiver<SharedEvent>,
    place: Place,
    followed: Arc<Followed>,
    /// How often the log had parted when this one joined.
    partings: u32,
}

impl Live {
    fn join(followed: &Arc<Followed>, filter: &ChangeFilter, scope: &Scope) -> Self {
        let mut audience = followed.audience();
        let from = audience.position();
        let (place, events) = audience.join(filter.clone(), scope.clone());
        let partings = followed.partings.load(Ordering::SeqCst);
        drop(audience);
        Self {
            from,
            events,
            place,
            followed: followed.clone(),
            partings,
        }
    }

    /// Whether the log is no longer the one that was listened to, and positions do not tell.
    pub fn is_parted(&self) -> bool {
        self.followed.partings.load(Ordering::SeqCst) != self.partings
    }

    /// The next event; none when there was no room for one.
    pub async fn next(&mut self) -> Option<SharedEvent> {
        self.events.recv().await
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.followed.audience().leave(self.place);
    }
}
