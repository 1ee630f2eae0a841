//! Opens snoozed conversations when they are due.
//!
//! Only the table stores which conversations are snoozed and until when, with an index. Every node checks it.
//! A node opens a conversation in a transaction that locks the row and checks that it is still snoozed, so it
//! is opened once and has one event. Conversations that became due while no node ran are opened at the next
//! start.

use std::{collections::BTreeMap, time::Duration};

use entity::{ConversationId, Timestamp, WorkspaceId};
use tokio_util::sync::CancellationToken;

use super::reopen;
use crate::{
    auth::Viewer,
    service::{Error, Services, Transaction, moment::moment, transaction::with_retries},
    store::conversation as store,
};

/// Maximum number of conversations that one transaction opens.
const BATCH: u64 = 100;
/// Longest time between two checks, because another node can snooze a conversation and clocks can be set.
const MAX_DELAY: Duration = Duration::from_secs(30);
/// Shortest time between two checks.
const MIN_DELAY: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WakeReport {
    /// Number of opened conversations.
    pub count: usize,
    /// Time when the next conversation is due.
    pub next: Option<Timestamp>,
}

/// Opens every conversation that is due, in batches.
pub async fn wake(services: &Services) -> Result<WakeReport, Error> {
    let mut count = 0;
    loop {
        let now = services.clock.now();
        let asleep = store::find_asleep_unscoped(&services.db, BATCH).await?;
        let next = asleep.iter().map(|one| one.until).find(|until| *until > now);
        let mut due: BTreeMap<WorkspaceId, Vec<ConversationId>> = BTreeMap::new();
        for one in asleep.iter().filter(|one| one.until <= now) {
            due.entry(one.workspace).or_default().push(one.id);
        }
        let is_last = due.values().map(Vec::len).sum::<usize>() < asleep.len() || asleep.is_empty();
        for (workspace, ids) in due {
            count += with_retries(services, || once(services, workspace, &ids, now)).await?;
        }
        if is_last {
            return Ok(WakeReport { count, next });
        }
    }
}

async fn once(
    services: &Services,
    workspace: WorkspaceId,
    ids: &[ConversationId],
    now: Timestamp,
) -> Result<usize, Error> {
    let mut transaction = Transaction::begin_alone(services).await?;
    // Conversations that another node opened, or an agent snoozed for longer, are no longer in the result.
    let due = store::hold_due_unscoped(transaction.writing(), workspace, ids, now).await?;
    for before in &due {
        let mut row = before.clone();
        let event = reopen(&mut row, moment(services, &[before]));
        store::change(transaction.writing(), before, row).await?;
        if let Some(event) = event {
            transaction.record(event);
        }
    }
    transaction.commit_rows(&Viewer::system(workspace)).await?;
    Ok(due.len())
}

/// Opens conversations when they are due, until the node stops.
pub async fn wake_periodically(services: Services, stop: CancellationToken) {
    loop {
        let until_next = match wake(&services).await {
            Ok(woken) => {
                if woken.count > 0 {
                    tracing::debug!(count = woken.count, "opened snoozed conversations");
                }
                woken.next.map_or(MAX_DELAY, |next| until(&services, next))
            }
            Err(error) => {
                tracing::warn!(error = ?error, "could not open snoozed conversations");
                MAX_DELAY
            }
        };
        let was_snoozed = async {
            services.snoozed.notified().await;
            tokio::time::sleep(MIN_DELAY).await;
        };
        tokio::select! {
            () = tokio::time::sleep(until_next) => {}
            () = was_snoozed => {}
            () = stop.cancelled() => return,
        }
    }
}

fn until(services: &Services, next: Timestamp) -> Duration {
    let milliseconds = u64::try_from(next.0 - services.clock.now().0).unwrap_or_default();
    Duration::from_millis(milliseconds).clamp(MIN_DELAY, MAX_DELAY)
}
