//! Whether the credentials of those who stay connected still hold.
//!
//! A token that ends is found by the clock alone. Keys are looked up for all who are connected with one: a statement
//! every few seconds for the whole node, and none while nobody is.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use entity::ApiKeyId;
use tokio_util::sync::CancellationToken;

use crate::{
    auth::{Identity, Viewer},
    clock::Clock,
    service::{self, Services},
};

/// How often keys are looked up, and how often a connection asks.
pub const EVERY: Duration = Duration::from_secs(2);

/// The keys of those who are connected.
#[derive(Clone, Debug, Default)]
pub struct Watch(Arc<Mutex<Keys>>);

#[derive(Debug, Default)]
struct Keys {
    /// With how many connections each is used.
    used: HashMap<ApiKeyId, usize>,
    revoked: HashSet<ApiKeyId>,
}

/// One connection of a viewer. Forgotten when it is dropped.
#[derive(Debug)]
pub struct Session {
    watch: Watch,
    viewer: Viewer,
    clock: Clock,
}

impl Watch {
    /// Watches a connection.
    pub fn session(&self, viewer: Viewer, clock: Clock) -> Session {
        if let Identity::ApiKey(id) = viewer.identity {
            *self.locked().used.entry(id).or_default() += 1;
        }
        Session {
            watch: self.clone(),
            viewer,
            clock,
        }
    }

    /// Looks keys up until the node ends.
    pub async fn run(self, services: Services, stop: CancellationToken) {
        let mut turns = tokio::time::interval(EVERY);
        loop {
            tokio::select! {
                _ = turns.tick() => {}
                () = stop.cancelled() => return,
            }
            let used: Vec<ApiKeyId> = self.locked().used.keys().copied().collect();
            if used.is_empty() {
                continue;
            }
            match service::api_key::revoked(&services, &used).await {
                Ok(revoked) => self.locked().revoked.extend(revoked),
                Err(error) => tracing::warn!(error = ?error, "keys could not be looked up"),
            }
        }
    }

    fn locked(&self) -> MutexGuard<'_, Keys> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    /// Whether its credential no longer holds.
    pub fn is_over(&self) -> bool {
        let ended = self.viewer.until.is_some_and(|until| until <= self.clock.now());
        ended
            || matches!(self.viewer.identity, Identity::ApiKey(id) if self.watch.locked().revoked.contains(&id))
    }

    /// Waits until it no longer does.
    pub async fn over(self) {
        let mut turns = tokio::time::interval(EVERY);
        loop {
            turns.tick().await;
            if self.is_over() {
                return;
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let Identity::ApiKey(id) = self.viewer.identity else {
            return;
        };
        let mut keys = self.watch.locked();
        if let Some(count) = keys.used.get_mut(&id) {
            *count -= 1;
            if *count == 0 {
                keys.used.remove(&id);
                keys.revoked.remove(&id);
            }
        }
    }
}
