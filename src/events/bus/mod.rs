//! Carries nudges between nodes, where there are several. Everything here is a hint: whatever is lost costs the time of
//! a poll.
//!
//! [`nats`] carries them where a node is told of one, and [`notify`], in the database that all nodes share, elsewhere.

mod nats;
mod notify;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use entity::WorkspaceId;
use tokio::sync::Notify;

use super::{ChangeCursor, Hub};
use crate::{config::NatsUrl, store::change::LogPlace};

/// The workspaces that other nodes are to be told of, and how far each was written. While these are being told, further commits of the same
/// workspaces become one hint; so do all that are made while nobody can be told.
#[derive(Debug, Default)]
pub struct Outbound {
    workspaces: Mutex<HashMap<WorkspaceId, LogPlace>>,
    wake: Notify,
}

impl Outbound {
    /// Notes a workspace.
    pub fn note(&self, newest: ChangeCursor) {
        let ChangeCursor {
            workspace,
            position,
            epoch,
        } = newest;
        let mut workspaces = self.locked();
        let is_new = !workspaces.contains_key(&workspace);
        let furthest = workspaces.entry(workspace).or_default();
        // Commits end in their order, and may be told of in another.
        if furthest.position < position {
            *furthest = LogPlace { position, epoch };
        }
        if is_new {
            self.wake.notify_one();
        }
    }

    async fn take(&self) -> Vec<(WorkspaceId, LogPlace)> {
        loop {
            let noted: Vec<_> = self.locked().drain().collect();
            if !noted.is_empty() {
                return noted;
            }
            self.wake.notified().await;
        }
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, HashMap<WorkspaceId, LogPlace>> {
        self.workspaces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells other nodes of this one's commits, and hears of theirs, until the node ends. `node` is a name that no other
/// node has.
pub async fn run(hub: Hub, outbound: Arc<Outbound>, node: String, nats: Option<NatsUrl>) {
    let stop = hub.stopping().clone();
    let carry = async {
        match nats {
            Some(url) => nats::carry(&hub, &outbound, &node, &url).await,
            None => notify::carry(&hub, &outbound, &node).await,
        }
    };
    tokio::select! {
        () = carry => {}
        () = stop.cancelled() => {}
    }
}
