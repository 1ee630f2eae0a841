//! Checks whether an agent is active. Tokens of inactive agents are rejected, and their connections end.

use std::collections::HashSet;

use entity::{AgentId, Timestamp};

use crate::{
    auth::Viewer,
    service::{Error, Services, api_key::TRUST_MS},
    store::agent as store,
};

/// Whether the agent of a token is active. The database is queried at most once a second for each agent. A
/// deactivation on this node takes effect at once. For agents that do not exist here, the issuer of the
/// tokens decides.
pub async fn is_working(services: &Services, viewer: &Viewer, id: AgentId) -> Result<bool, Error> {
    let (name, now, known) = (id.to_string(), services.clock.now(), &services.keys);
    if known.find(&name, now).is_some() {
        return Ok(true);
    }
    let before = known.before();
    if !store::inactive_unscoped(&services.db, &[id]).await?.is_empty() {
        return Ok(false);
    }
    let look_at = Timestamp(now.0 + TRUST_MS);
    known.put(name, viewer.clone(), now, look_at, before);
    Ok(true)
}

/// Returns those of the connected agents that are inactive, in one statement.
pub async fn find_ended(services: &Services, ids: &[AgentId]) -> Result<HashSet<AgentId>, Error> {
    let found = store::inactive_unscoped(&services.db, ids).await?;
    Ok(found.into_iter().collect())
}
