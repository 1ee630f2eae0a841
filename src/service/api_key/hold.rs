//! Checks the validity of API keys, at authentication and while a connection is open.

use std::collections::HashSet;

use entity::{ApiKeyId, Timestamp};

use crate::{
    auth::{Viewer, api_key},
    service::{Error, Services},
    store::{StoreError, api_key as store},
};

/// Precision of the recorded last use, in milliseconds. Writing once a minute has no noticeable cost.
const TOUCH_EVERY_MS: i64 = 60_000;

/// Returns the viewer of a key, or `None` if the key is unknown, expired or revoked. A key that was looked up
/// within the last second needs no query.
pub async fn authenticate(services: &Services, secret: &str) -> Result<Option<Viewer>, Error> {
    let (hash, now, known) = (api_key::hash(secret), services.clock.now(), &services.keys);
    if let Some(viewer) = known.find(&hash, now) {
        return Ok(Some(viewer));
    }
    let before = known.before();
    let Some((key, workspaces)) = store::find_by_hash_unscoped(&services.db, &hash).await? else {
        return Ok(None);
    };
    if is_over(key.revoked_at, key.expires_at, now) {
        return Ok(None);
    }
    let noted_at = if is_long_ago(key.last_used_at, now) {
        touch(services, &[key.id], now).await;
        now
    } else {
        key.last_used_at.unwrap_or(now)
    };
    let note_at = Timestamp(noted_at.0 + TOUCH_EVERY_MS);
    // Grants that this version does not know have no effect.
    let grants = key.grants.0.iter().filter_map(|name| name.parse().ok()).collect();
    let viewer = Viewer::api_key(key.id, grants, &workspaces).until(key.expires_at);
    known.put(hash, viewer.clone(), now, note_at, before);
    Ok(Some(viewer))
}

/// Returns those of the connected keys that are no longer valid, in one statement. An open connection counts
/// as use of the key, so the use of the others is recorded, with one more statement at most once a minute.
pub async fn find_ended(services: &Services, ids: &[ApiKeyId]) -> Result<HashSet<ApiKeyId>, Error> {
    let now = services.clock.now();
    let found = store::holds_unscoped(&services.db, ids).await?;
    let (over, holding): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|key| is_over(key.revoked_at, key.expires_at, now));
    let used: Vec<ApiKeyId> = holding
        .into_iter()
        .filter(|key| is_long_ago(key.last_used_at, now))
        .map(|key| key.id)
        .collect();
    if !used.is_empty() {
        touch(services, &used, now).await;
    }
    Ok(over.into_iter().map(|key| key.id).collect())
}

fn is_over(revoked_at: Option<Timestamp>, expires_at: Option<Timestamp>, now: Timestamp) -> bool {
    revoked_at.is_some() || expires_at.is_some_and(|end| end <= now)
}

fn is_long_ago(used_at: Option<Timestamp>, now: Timestamp) -> bool {
    used_at.is_none_or(|last| now.0 - last.0 >= TOUCH_EVERY_MS)
}

/// Records the use of keys. Failures are only logged: a busy writer or a full disk must not keep callers from
/// reading.
async fn touch(services: &Services, ids: &[ApiKeyId], now: Timestamp) {
    match store::touch(&services.db, ids, now).await {
        Ok(()) | Err(StoreError::Busy) => {}
        Err(error) => tracing::warn!(error = ?error, "could not record the last use of API keys"),
    }
}
