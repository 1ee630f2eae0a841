//! Sends hints about new events between nodes. A lost hint only delays an event until the next poll.
//!
//! [`nats`] is used when a NATS URL is configured. Otherwise [`notify`] uses the shared database.

mod nats;
mod notify;

use std::{collections::HashMap, sync::Arc};

use entity::WorkspaceId;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::{ChangeCursor, Hub};
use crate::{config::NatsUrl, store::change::LogPosition};

/// Workspaces with commits that other nodes must learn of, with their newest positions. Commits of a
/// workspace that arrive before its hint is sent, or while hints cannot be sent, are merged into one hint.
#[derive(Debug, Default)]
pub struct HintQueue {
    workspaces: Mutex<HashMap<WorkspaceId, LogPosition>>,
    wake: Notify,
}

impl HintQueue {
    /// Records a commit.
    pub fn note(&self, newest: ChangeCursor) {
        let ChangeCursor {
            workspace,
            position,
            epoch,
        } = newest;
        let mut workspaces = self.workspaces.lock();
        let is_new = !workspaces.contains_key(&workspace);
        let furthest = workspaces.entry(workspace).or_default();
        // Commits complete in order but may be recorded out of order.
        if furthest.position < position {
            *furthest = LogPosition { position, epoch };
        }
        if is_new {
            self.wake.notify_one();
        }
    }

    async fn take(&self) -> Vec<(WorkspaceId, LogPosition)> {
        loop {
            let noted: Vec<_> = self.workspaces.lock().drain().collect();
            if !noted.is_empty() {
                return noted;
            }
            self.wake.notified().await;
        }
    }
}

/// Announces commits of this node and receives those of other nodes, until the node stops. `node` must be
/// unique among all nodes.
pub async fn run(hub: Hub, hint_queue: Arc<HintQueue>, node: String, nats: Option<NatsUrl>) {
    let stop = hub.stopping().clone();
    let carry = async {
        match nats {
            Some(url) => nats::carry(&hub, &hint_queue, &node, &url).await,
            None => notify::carry(&hub, &hint_queue, &node).await,
        }
    };
    tokio::select! {
        () = carry => {}
        () = stop.cancelled() => {}
    }
}
