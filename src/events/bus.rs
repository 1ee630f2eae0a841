//! Carries nudges between nodes, where there are several. Everything here is a hint: whatever is lost costs the time of
//! a poll.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use entity::WorkspaceId;
use tokio::sync::Notify;

use super::Hub;
use crate::store::{
    StoreError,
    hint::{self, Hint, Hints},
};

/// How long to wait before the bus is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// The workspaces that other nodes are to be told of. While one statement tells them, further commits of the same
/// workspaces become one hint.
#[derive(Debug, Default)]
pub struct Outbound {
    workspaces: Mutex<HashSet<WorkspaceId>>,
    wake: Notify,
}

impl Outbound {
    /// Notes a workspace.
    pub fn note(&self, workspace: WorkspaceId) {
        let is_new = self.locked().insert(workspace);
        if is_new {
            self.wake.notify_one();
        }
    }

    async fn take(&self) -> Vec<WorkspaceId> {
        loop {
            let noted: Vec<_> = self.locked().drain().collect();
            if !noted.is_empty() {
                return noted;
            }
            self.wake.notified().await;
        }
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, HashSet<WorkspaceId>> {
        self.workspaces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells other nodes of this one's commits, and hears of theirs, until the node ends. Does nothing where the database is
/// one process's own. `node` is a name that no other node has.
pub async fn run(hub: Hub, outbound: Arc<Outbound>, node: String) {
    let stop = hub.stopping().clone();
    let hear = hear(&hub, &node);
    let tell = tell(&hub, &outbound, &node);
    tokio::select! {
        () = hear => {}
        () = tell => {}
        () = stop.cancelled() => {}
    }
}

async fn tell(hub: &Hub, outbound: &Outbound, node: &str) {
    loop {
        let workspaces = outbound.take().await;
        if let Err(error) = hint::send(hub.db(), node, &workspaces).await {
            tracing::warn!(error = ?error, "other nodes could not be told of a change: they poll");
        }
    }
}

async fn hear(hub: &Hub, node: &str) {
    loop {
        if let Err(error) = hear_until_lost(hub, node).await {
            tracing::warn!(error = ?error, "other nodes cannot be heard: this one polls");
        }
        // Whatever was said meanwhile was missed.
        hub.nudge_all();
        tokio::time::sleep(AGAIN).await;
    }
}

async fn hear_until_lost(hub: &Hub, node: &str) -> Result<(), StoreError> {
    let Some(mut hints) = Hints::listen(hub.db()).await? else {
        return std::future::pending().await;
    };
    loop {
        match hints.next().await? {
            Hint::Grown {
                workspace,
                node: other,
            } if other != node => hub.nudge_here(workspace),
            Hint::Grown { .. } => {}
            Hint::Lost => hub.nudge_all(),
        }
    }
}
