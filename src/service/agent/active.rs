//! Whether an agent still works here: the tokens of one who does not are refused, and its connections end.

use std::collections::HashSet;

use entity::{AgentId, Timestamp};

use crate::{
    auth::Viewer,
    service::{Error, Services, api_key::TRUST_MS},
    store::agent as store,
};

/// Whether the agent for whom a token speaks is one who works. Asked of the database at most once a second for each agent; an
/// end that is written on this node counts at once. An agent of whom nothing is known here is left to the issuer of tokens.
pub async fn works(services: &Services, viewer: &Viewer, id: AgentId) -> Result<bool, Error> {
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

/// Which of the agents who are connected no longer work: one statement.
pub async fn ended(services: &Services, ids: &[AgentId]) -> Result<HashSet<AgentId>, Error> {
    let found = store::inactive_unscoped(&services.db, ids).await?;
    Ok(found.into_iter().collect())
}
