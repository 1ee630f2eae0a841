//! Follows each workspace's log once, for all who listen on this node.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use entity::{WorkspaceId, change};
use tokio::sync::{Notify, broadcast};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::bus::Outbound;
use crate::{
    config::NatsUrl,
    store::{Db, StoreError, change as log, dialect::Dialect},
};

/// Events read from the log at a time.
const PAGE: u64 = 500;

/// An event as listeners share it.
pub type SharedEvent = Arc<change::Model>;

/// The followers of the logs, by workspace. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Hub {
    db: Db,
    buffer: usize,
    tasks: TaskTracker,
    stop: CancellationToken,
    followed: Arc<Mutex<HashMap<WorkspaceId, Arc<Followed>>>>,
    /// How long a lost nudge can delay an event.
    poll: Duration,
    outbound: Arc<Outbound>,
}

#[derive(Debug)]
struct Followed {
    nudge: Notify,
    events: broadcast::Sender<SharedEvent>,
}

impl Hub {
    /// One that follows nothing yet. `buffer` events are kept for a listener that lags; `poll` is how long a lost nudge
    /// can delay an event.
    pub fn new(db: Db, buffer: usize, poll: Duration, tasks: TaskTracker, stop: CancellationToken) -> Self {
        Self {
            db,
            buffer,
            tasks,
            stop,
            followed: Arc::default(),
            poll,
            outbound: Arc::default(),
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

    /// Ends with the process.
    pub(super) fn stopping(&self) -> &CancellationToken {
        &self.stop
    }

    /// Says that a workspace has new events. Called after each commit; a hint, cheap when nobody listens.
    pub fn nudge(&self, workspace: WorkspaceId) {
        self.nudge_here(workspace);
        if self.db.dialect() == Dialect::Postgres {
            self.outbound.note(workspace);
        }
    }

    /// The same, said by another node.
    pub(super) fn nudge_here(&self, workspace: WorkspaceId) {
        if let Some(followed) = self.locked().get(&workspace) {
            followed.nudge.notify_one();
        }
    }

    /// Anything may have happened.
    pub(super) fn nudge_all(&self) {
        for followed in self.locked().values() {
            followed.nudge.notify_one();
        }
    }

    /// Everything that is committed from now on, live. What was committed before must be read from the log, after
    /// this returns: so that nothing falls between.
    pub(super) async fn listen(
        &self,
        workspace: WorkspaceId,
    ) -> Result<broadcast::Receiver<SharedEvent>, StoreError> {
        if let Some(followed) = self.locked().get(&workspace) {
            return Ok(followed.events.subscribe());
        }
        // Read before the follower exists: it gives everything behind this position to whoever listens by then.
        let position = log::newest_unscoped(&self.db, workspace).await?;
        let mut map = self.locked();
        let followed = map.entry(workspace).or_insert_with(|| {
            let (events, _) = broadcast::channel(self.buffer);
            let followed = Arc::new(Followed {
                nudge: Notify::new(),
                events,
            });
            self.tasks
                .spawn(self.clone().follow(workspace, position, followed.clone()));
            followed
        });
        Ok(followed.events.subscribe())
    }

    async fn follow(self, workspace: WorkspaceId, mut position: i64, followed: Arc<Followed>) {
        loop {
            if let Err(error) = self.read_to_end(workspace, &mut position, &followed).await {
                tracing::warn!(workspace = %workspace, error = ?error, "the change log could not be read");
            }
            tokio::select! {
                () = followed.nudge.notified() => {}
                () = tokio::time::sleep(self.poll) => {}
                () = self.stop.cancelled() => return,
            }
            let mut map = self.locked();
            // Under the lock nobody can begin to listen in between.
            if followed.events.receiver_count() == 0 {
                map.remove(&workspace);
                return;
            }
        }
    }

    async fn read_to_end(
        &self,
        workspace: WorkspaceId,
        position: &mut i64,
        followed: &Followed,
    ) -> Result<(), StoreError> {
        loop {
            let page = log::list_unscoped(&self.db, workspace, *position, PAGE).await?;
            let full = page.len() as u64 == PAGE;
            for event in page {
                *position = event.position;
                // Nobody listens at this moment: the next turn of the follower sees to it.
                let _ = followed.events.send(Arc::new(event));
            }
            if !full {
                return Ok(());
            }
        }
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, HashMap<WorkspaceId, Arc<Followed>>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
