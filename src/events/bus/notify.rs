//! Hints through the database with PostgreSQL's LISTEN and NOTIFY.

use std::time::Duration;

use super::{HintQueue, Hub};
use crate::store::{
    StoreError,
    hint::{self, Hints},
};

/// Delay before a failed listener is restarted.
const RETRY_DELAY: Duration = Duration::from_secs(5);

/// Sends and receives hints.
pub async fn carry(hub: &Hub, hint_queue: &HintQueue, node: &str) {
    tokio::select! {
        () = receive(hub, node) => {}
        () = tell(hub, hint_queue, node) => {}
    }
}

async fn tell(hub: &Hub, hint_queue: &HintQueue, node: &str) {
    loop {
        // Receivers read the newest position from the same database.
        let noted = hint_queue.take().await.into_iter();
        let workspaces: Vec<_> = noted.map(|(workspace, _)| workspace).collect();
        if let Err(error) = hint::send(hub.db(), node, &workspaces).await {
            tracing::warn!(error = ?error, "could not notify other nodes of a change; they find it by polling");
        }
    }
}

async fn receive(hub: &Hub, node: &str) {
    loop {
        if let Err(error) = receive_until_lost(hub, node).await {
            tracing::warn!(error = ?error, "could not listen for changes of other nodes; this node finds them by polling");
        }
        // Hints that were sent in the meantime are lost.
        hub.nudge_all();
        tokio::time::sleep(RETRY_DELAY).await;
    }
}

async fn receive_until_lost(hub: &Hub, node: &str) -> Result<(), StoreError> {
    let Some(mut hints) = Hints::listen(hub.db()).await? else {
        if hub.db().is_pooled() {
            tracing::warn!(
                "nats_url is not set, and LISTEN does not work behind a pooler in transaction mode; changes of other nodes are \
                 found by polling (change_poll_ms)"
            );
        }
        return std::future::pending().await;
    };
    loop {
        match hints.next().await? {
            Some(hint) if hint.node != node => hub.nudge_here(hint.workspace, None),
            Some(_) => {}
            // The connection was lost and restored.
            None => hub.nudge_all(),
        }
    }
}
