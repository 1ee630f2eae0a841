//! Follows each workspace's log once, for all who listen on this node.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use entity::WorkspaceId;
use tokio::sync::{Notify, mpsc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    audience::{Audience, Place},
    bus::Outbound,
    event::{Event, SharedEvent},
};
use crate::{
    auth::Scope,
    config::NatsUrl,
    store::{
        Db, StoreError,
        change::{self as log, ChangeFilter},
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
}

#[derive(Debug)]
struct Followed {
    nudge: Notify,
    audience: Mutex<Audience>,
}

impl Hub {
    /// One that follows nothing yet. `poll` is how long a lost nudge can delay an event.
    pub fn new(db: Db, poll: Duration, tasks: TaskTracker, stop: CancellationToken) -> Self {
        Self {
            db,
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
        let position = log::newest_unscoped(&self.db, workspace).await?;
        let mut map = self.locked();
        let followed = map.entry(workspace).or_insert_with(|| {
            let followed = Arc::new(Followed {
                nudge: Notify::new(),
                audience: Mutex::new(Audience::at(position)),
            });
            self.tasks.spawn(self.clone().follow(workspace, followed.clone()));
            followed
        });
        // Under the lock of the map: a follower without an audience goes away.
        Ok(Live::join(followed, filter, scope))
    }

    async fn follow(self, workspace: WorkspaceId, followed: Arc<Followed>) {
        let _following = Following {
            hub: self.clone(),
            workspace,
            followed: followed.clone(),
        };
        loop {
            if let Err(error) = self.read_to_end(workspace, &followed).await {
                tracing::warn!(workspace = %workspace, error = ?error, "the change log could not be read");
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

    async fn read_to_end(&self, workspace: WorkspaceId, followed: &Followed) -> Result<(), StoreError> {
        loop {
            let after = followed.audience().position();
            let page = log::list_unscoped(&self.db, workspace, after, PAGE).await?;
            let full = page.len() as u64 == PAGE;
            for event in Event::of_page(page) {
                followed.audience().give(&event);
            }
            if !full {
                return Ok(());
            }
        }
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<WorkspaceId, Arc<Followed>>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Followed {
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
}

impl Live {
    fn join(followed: &Arc<Followed>, filter: &ChangeFilter, scope: &Scope) -> Self {
        let mut audience = followed.audience();
        let from = audience.position();
        let (place, events) = audience.join(filter.clone(), scope.clone());
        drop(audience);
        Self {
            from,
            events,
            place,
            followed: followed.clone(),
        }
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
