//! Whether the credentials of those who stay connected still hold.
//!
//! A token that ends is found by the clock alone. Keys are looked up for all who are connected with one, because their
//! end may have been brought forward: a statement every few seconds for the whole node, and none while nobody is.
//! Connections wait to be told.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use entity::{ApiKeyId, Timestamp};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::{
    auth::{Identity, Viewer},
    service::{self, Services},
};

/// How often credentials are looked at.
const EVERY: Duration = Duration::from_secs(2);

/// The credentials of those who are connected.
#[derive(Clone, Debug, Default)]
pub struct Watch(Arc<Mutex<Sessions>>);

#[derive(Debug, Default)]
struct Sessions {
    begun: u64,
    watched: HashMap<u64, Watched>,
}

#[derive(Debug)]
struct Watched {
    until: Option<Timestamp>,
    key: Option<ApiKeyId>,
    over: CancellationToken,
}

/// One connection of a viewer. Forgotten when it is dropped.
#[derive(Debug)]
pub struct Session {
    watch: Watch,
    number: u64,
    over: CancellationToken,
}

impl Watch {
    /// Watches a connection.
    pub fn session(&self, viewer: &Viewer) -> Session {
        let over = CancellationToken::new();
        let key = match viewer.identity {
            Identity::ApiKey(id) => Some(id),
            Identity::Agent(_) | Identity::Customer(_) | Identity::Operator | Identity::System => None,
        };
        let watched = Watched {
            until: viewer.until,
            key,
            over: over.clone(),
        };
        let mut sessions = self.locked();
        sessions.begun += 1;
        let number = sessions.begun;
        sessions.watched.insert(number, watched);
        Session {
            watch: self.clone(),
            number,
            over,
        }
    }

    /// Looks at them until the node ends.
    pub async fn run(self, services: Services, stop: CancellationToken) {
        let mut turns = tokio::time::interval(EVERY);
        loop {
            tokio::select! {
                _ = turns.tick() => {}
                () = stop.cancelled() => return,
            }
            let now = services.clock.now();
            self.end(|watched| watched.until.is_some_and(|until| until <= now));
            let keys: HashSet<ApiKeyId> = self.locked().watched.values().filter_map(|one| one.key).collect();
            if keys.is_empty() {
                continue;
            }
            let keys: Vec<ApiKeyId> = keys.into_iter().collect();
            // Tokens end by the clock, whether the database answers or not.
            let looked = timeout(EVERY, service::api_key::ended(&services, &keys)).await;
            let Ok(looked) = looked else {
                tracing::warn!("keys could not be looked up in time");
                continue;
            };
            match looked {
                Ok(ended) => self.end(|watched| watched.key.is_some_and(|key| ended.contains(&key))),
                Err(error) => tracing::warn!(error = ?error, "keys could not be looked up"),
            }
        }
    }

    fn end(&self, is_over: impl Fn(&Watched) -> bool) {
        for watched in self.locked().watched.values() {
            if is_over(watched) {
                watched.over.cancel();
            }
        }
    }

    fn locked(&self) -> MutexGuard<'_, Sessions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    /// Cancelled when its credential no longer holds.
    pub fn over(&self) -> CancellationToken {
        self.over.clone()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.watch.locked().watched.remove(&self.number);
    }
}
