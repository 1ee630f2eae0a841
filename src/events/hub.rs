//! Reads each workspace's log once for all listeners of this node.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use entity::WorkspaceId;
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    ChangeCursor,
    audience::Audience,
    bus::HintQueue,
    epochs::{CursorStatus, End, Epochs},
    event::Event,
    followed::{FollowedLog, LiveEvents, LogTip, LogWatch, Progress},
};
use crate::{
    auth::Scope,
    clock::Clock,
    config::NatsUrl,
    store::{
        Db, StoreError,
        change::{self as log, ChangeFilter, LogPosition},
        dialect::Dialect,
    },
};

/// Number of events that one read of the log returns at most.
const PAGE: u64 = 500;

/// The followers of the logs, by workspace. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Hub {
    db: Db,
    tasks: TaskTracker,
    stop: CancellationToken,
    followed: Arc<Mutex<HashMap<WorkspaceId, Arc<FollowedLog>>>>,
    /// Maximum delay of an event whose nudge was lost.
    poll: Duration,
    hint_queue: Arc<HintQueue>,
    epochs: Epochs,
}

impl Hub {
    /// A hub without followers. `poll` is the maximum delay of an event whose nudge was lost.
    pub fn new(db: Db, clock: Clock, poll: Duration, tasks: TaskTracker, stop: CancellationToken) -> Self {
        Self {
            db,
            tasks,
            stop,
            followed: Arc::default(),
            poll,
            hint_queue: Arc::default(),
            epochs: Epochs::new(clock),
        }
    }

    /// Announces commits of this node and receives those of other nodes, until the node stops. `node` must be
    /// unique among all nodes. Hints go through `nats` if it is set, otherwise through the database.
    pub fn share(&self, node: String, nats: Option<NatsUrl>) {
        if self.db.dialect() == Dialect::Postgres {
            let hint_queue = self.hint_queue.clone();
            self.tasks
                .spawn(super::share(self.clone(), hint_queue, node, nats));
        }
    }

    /// The database that contains the logs.
    pub(super) fn db(&self) -> &Db {
        &self.db
    }

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

    /// Cancelled when the node stops.
    pub(super) fn stopping(&self) -> &CancellationToken {
        &self.stop
    }

    /// Announces that a workspace has new events up to this cursor. Called after each commit. Only a hint,
    /// and cheap without listeners.
    pub fn nudge(&self, newest: ChangeCursor) {
        self.nudge_here(newest.workspace, None);
        if self.db.dialect() == Dialect::Postgres {
            self.hint_queue.note(newest);
        }
    }

    /// Handles the hint of another node, which may contain the newest position.
    pub(super) fn nudge_here(&self, workspace: WorkspaceId, told: Option<LogPosition>) {
        if let Some(followed) = self.followed.lock().get(&workspace) {
            if let Some(told) = told {
                followed.tell(told);
            }
            followed.nudge.notify_one();
        }
    }

    /// Wakes all followers, because hints may have been lost.
    pub(super) fn nudge_all(&self) {
        for followed in self.followed.lock().values() {
            followed.nudge.notify_one();
        }
    }

    /// Listens to every later event of a workspace that is in the scope and matches the filter. The caller
    /// reads earlier events from the log after this call returns, so that none is missed.
    pub(super) async fn listen(
        &self,
        workspace: WorkspaceId,
        filter: &ChangeFilter,
        scope: &Scope,
    ) -> Result<LiveEvents, StoreError> {
        self.join(workspace, |followed| LiveEvents::join(followed, filter, scope))
            .await
    }

    /// Keeps the follower of a workspace's log running.
    pub(super) async fn watch(&self, workspace: WorkspaceId) -> Result<LogWatch, StoreError> {
        self.join(workspace, LogWatch::of).await
    }

    /// Joins the readers of a log, and begins to follow it if it has none.
    async fn join<T>(
        &self,
        workspace: WorkspaceId,
        join: impl Fn(&Arc<FollowedLog>) -> T,
    ) -> Result<T, StoreError> {
        let joined = self.followed.lock().get(&workspace).map(&join);
        if let Some(joined) = joined {
            return Ok(joined);
        }
        // Read before the follower exists, because the follower delivers all events after this one. Readers read the
        // log later, so the follower notices if the events that they read are replaced.
        let newest = log::newest_event_unscoped(&self.db, workspace).await?;
        let tip = LogTip::at(newest.as_ref());
        let mut map = self.followed.lock();
        let followed = map.entry(workspace).or_insert_with(|| {
            let position = tip.reached.position;
            let progress = Progress {
                position,
                ..Progress::default()
            };
            let followed = Arc::new(FollowedLog {
                nudge: Notify::new(),
                progress: watch::Sender::new(progress),
                audience: Mutex::new(Audience::at(position)),
                told: Mutex::default(),
                partings: AtomicU32::new(0),
            });
            self.tasks
                .spawn(self.clone().follow(workspace, tip, followed.clone()));
            followed
        });
        // Join under the lock of the map, because a follower without readers ends.
        Ok(join(followed))
    }

    async fn follow(self, workspace: WorkspaceId, mut trail: LogTip, followed: Arc<FollowedLog>) {
        let _following = FollowerGuard {
            hub: self.clone(),
            workspace,
            followed: followed.clone(),
        };
        loop {
            if let Err(error) = self.read_to_end(workspace, &followed, &mut trail).await {
                tracing::warn!(workspace = %workspace, error = ?error, "could not read the change log");
            }
            followed.progress.send_modify(|progress| progress.passes += 1);
            tokio::select! {
                () = followed.nudge.notified() => {}
                () = tokio::time::sleep(self.poll) => {}
                () = self.stop.cancelled() => return,
            }
            let mut map = self.followed.lock();
            // The lock prevents new readers during the check.
            if followed.progress.receiver_count() == 0 {
                map.remove(&workspace);
                return;
            }
        }
    }

    async fn read_to_end(
        &self,
        workspace: WorkspaceId,
        followed: &FollowedLog,
        trail: &mut LogTip,
    ) -> Result<(), StoreError> {
        // Taken before the log is read: events that other nodes announced are in the log by now, if it is the
        // same log.
        let told = followed.take_told();
        loop {
            // Include the last event of the previous page, to verify that the log is the same.
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
            let position = trail.reached.position;
            followed
                .progress
                .send_modify(|progress| progress.position = position);
            if !full {
                break;
            }
        }
        match told {
            Some(told) if told.position > trail.reached.position => self.look_for(workspace, told).await,
            _ => Ok(()),
        }
    }

    /// Continues from the end of a log that is not the one that was followed. Listeners check their positions
    /// against it.
    async fn part(
        &self,
        workspace: WorkspaceId,
        followed: &FollowedLog,
        trail: &mut LogTip,
    ) -> Result<(), StoreError> {
        let end = self.end(workspace).await?;
        tracing::warn!(
            workspace = %workspace,
            followed = trail.reached.position,
            newest = end.position,
            "the change log does not continue the one that was followed; the database was restored or promoted"
        );
        // In the other cases, a new epoch has begun already.
        let standing = end.cursor_status(ChangeCursor::at(workspace, trail.reached));
        if matches!(standing, CursorStatus::Beyond | CursorStatus::Held) {
            self.epochs.suspect(&self.db, &end).await?;
        }
        let newest = end.cursor(end.position);
        let page = log::list_unscoped(&self.db, workspace, (end.position - 1).max(0), 1).await?;
        let event = page.first().filter(|event| event.position == end.position);
        *trail = LogTip {
            reached: LogPosition {
                position: newest.position,
                epoch: newest.epoch,
            },
            event: event.map(LogTip::identity),
        };
        if standing == CursorStatus::Held {
            // The other log contains the reached position, but with a different event. The cursor alone does
            // not show the difference.
            followed.partings.fetch_add(1, Ordering::SeqCst);
        }
        followed.audience().begin_at(newest.position);
        followed
            .progress
            .send_modify(|progress| progress.position = newest.position);
        Ok(())
    }

    /// Checks whether the log contains a position that another node has announced.
    async fn look_for(&self, workspace: WorkspaceId, told: LogPosition) -> Result<(), StoreError> {
        let end = self.end(workspace).await?;
        if end.cursor_status(ChangeCursor::at(workspace, told)) == CursorStatus::Beyond {
            self.epochs.suspect(&self.db, &end).await?;
        }
        Ok(())
    }
}

/// Removes a follower when it ends for any reason, and closes the channels of its listeners. They then listen
/// again.
struct FollowerGuard {
    hub: Hub,
    workspace: WorkspaceId,
    followed: Arc<FollowedLog>,
}

impl Drop for FollowerGuard {
    fn drop(&mut self) {
        let mut map = self.hub.followed.lock();
        if map
            .get(&self.workspace)
            .is_some_and(|there| Arc::ptr_eq(there, &self.followed))
        {
            map.remove(&self.workspace);
        }
        self.followed.audience().dismiss();
        self.followed
            .progress
            .send_modify(|progress| progress.has_ended = true);
    }
}
