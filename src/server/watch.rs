//! Checks whether the credentials of open connections are still valid.
//!
//! Expired tokens are detected by the clock. API keys, and agents with tokens, are looked up for all open
//! connections, because they can be revoked. This takes one statement per second for each kind, and none
//! while no connection has such a credential. Connections wait for a cancellation.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::Arc,
    time::Duration,
};

use entity::{AgentId, ApiKeyId, Timestamp};
use parking_lot::Mutex;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::{
    auth::{Identity, Viewer},
    service::{self, Services},
};

/// Interval between checks.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// The credentials of open connections.
#[derive(Clone, Debug, Default)]
pub struct CredentialWatch(Arc<Mutex<Sessions>>);

#[derive(Debug, Default)]
struct Sessions {
    count: u64,
    watched: HashMap<u64, WatchedCredential>,
}

#[derive(Debug)]
struct WatchedCredential {
    until: Option<Timestamp>,
    key: Option<ApiKeyId>,
    agent: Option<AgentId>,
    over: CancellationToken,
}

/// An open connection of a viewer. Dropping it ends the checks.
#[derive(Debug)]
pub struct Session {
    watch: CredentialWatch,
    number: u64,
    over: CancellationToken,
}

impl CredentialWatch {
    /// Starts to check a connection.
    pub fn session(&self, viewer: &Viewer) -> Session {
        let over = CancellationToken::new();
        let (key, agent) = match viewer.identity {
            Identity::ApiKey(id) => (Some(id), None),
            Identity::Agent(id) => (None, Some(id)),
            Identity::Customer(_) | Identity::Operator | Identity::System => (None, None),
        };
        let watched = WatchedCredential {
            until: viewer.until,
            key,
            agent,
            over: over.clone(),
        };
        let mut sessions = self.0.lock();
        sessions.count += 1;
        let number = sessions.count;
        sessions.watched.insert(number, watched);
        Session {
            watch: self.clone(),
            number,
            over,
        }
    }

    /// Checks the credentials until the node stops.
    pub async fn run(self, services: Services, stop: CancellationToken) {
        let mut turns = tokio::time::interval(CHECK_INTERVAL);
        loop {
            tokio::select! {
                _ = turns.tick() => {}
                () = stop.cancelled() => return,
            }
            let now = services.clock.now();
            self.end(|watched| watched.until.is_some_and(|until| until <= now));
            // Tokens expire by the clock, even while the database does not respond.
            match timeout(CHECK_INTERVAL, self.look_up(&services)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::warn!(error = ?error, "could not look up credentials"),
                Err(_) => tracing::warn!("timed out while looking up credentials"),
            }
        }
    }

    /// Looks up credentials that may have been revoked: one statement for keys and one for agents, if there
    /// are any.
    async fn look_up(&self, services: &Services) -> Result<(), service::Error> {
        let keys: Vec<ApiKeyId> = self.watched(|one| one.key);
        if !keys.is_empty() {
            let ended = service::api_key::find_ended(services, &keys).await?;
            self.end(|watched| watched.key.is_some_and(|key| ended.contains(&key)));
        }
        let agents: Vec<AgentId> = self.watched(|one| one.agent);
        if !agents.is_empty() {
            let ended = service::agent::find_ended(services, &agents).await?;
            self.end(|watched| watched.agent.is_some_and(|agent| ended.contains(&agent)));
        }
        Ok(())
    }

    /// The distinct ids of the open connections.
    fn watched<I: Copy + Eq + Hash>(&self, id: impl Fn(&WatchedCredential) -> Option<I>) -> Vec<I> {
        let ids: HashSet<I> = self.0.lock().watched.values().filter_map(id).collect();
        ids.into_iter().collect()
    }

    fn end(&self, is_over: impl Fn(&WatchedCredential) -> bool) {
        for watched in self.0.lock().watched.values() {
            if is_over(watched) {
                watched.over.cancel();
            }
        }
    }
}

impl Session {
    /// Cancelled when the credential of the connection becomes invalid.
    pub fn over(&self) -> CancellationToken {
        self.over.clone()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.watch.0.lock().watched.remove(&self.number);
    }
}
