//! Whether the credentials of those who stay connected still hold.
//!
//! A token that ends is found by the clock alone. Keys, and agents who have tokens, are looked up for all who are connected,
//! because their end may have been brought forward: a statement a second for each kind, and none while there are none.
//! Connections wait to be told.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use entity::{AgentId, ApiKeyId, Timestamp};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::{
    auth::{Identity, Viewer},
    service::{self, Services},
};

/// How often credentials are looked at.
const EVERY: Duration = Duration::from_secs(1);

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
    agent: Option<AgentId>,
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
        let (key, agent) = match viewer.identity {
            Identity::ApiKey(id) => (Some(id), None),
            Identity::Agent(id) => (None, Some(id)),
            Identity::Customer(_) | Identity::Operator | Identity::System => (None, None),
        };
        let watched = Watched {
            until: viewer.until,
            key,
            agent,
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
            // Tokens end by the clock, whether the database answers or not.
            match timeout(EVERY, self.look(&services)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(error = ?error, "could not look up credentials"),
                Err(_) => tracing::warn!("timed out while looking up credentials"),
            }
        }
    }

    /// Looks up those that may have ended before their time: a statement for keys and one for agents, where there are any.
    async fn look(&self, services: &Services) -> Result<(), service::Error> {
        let keys: Vec<ApiKeyId> = self.watched(|one| one.key);
        if !keys.is_empty() {
            let ended = service::api_key::ended(services, &keys).await?;
            self.end(|watched| watched.key.is_some_and(|key| ended.contains(&key)));
        }
        let agents: Vec<AgentId> = self.watched(|one| one.agent);
        if !agents.is_empty() {
            let ended = service::agent::ended(services, &agents).await?;
            self.end(|watched| watched.agent.is_some_and(|agent| ended.contains(&agent)));
        }
        Ok(())
    }

    /// Those who are connected, each once.
    fn watched<I: Copy + Eq + Hash>(&self, id: impl Fn(&Watched) -> Option<I>) -> Vec<I> {
        let ids: HashSet<I> = self.locked().watched.values().filter_map(id).collect();
        ids.into_iter().collect()
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
