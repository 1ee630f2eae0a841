//! Whether a key holds: when somebody comes with it, and while somebody stays.

use std::collections::HashSet;

use entity::{ApiKeyId, Timestamp};

use crate::{
    auth::{Viewer, api_key},
    service::{Error, Services},
    store::{StoreError, api_key as store},
};

/// How exactly the last use is noted, in milliseconds: once a minute costs nothing.
const TOUCH_EVERY_MS: i64 = 60_000;

/// The viewer whom a key speaks for; none when it is unknown, expired or revoked. Of one that was looked up within a second
/// nothing is asked.
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
    // A grant that this version does not know grants nothing.
    let grants = key.grants.0.iter().filter_map(|name| name.parse().ok()).collect();
    let viewer = Viewer::api_key(key.id, grants, &workspaces).until(key.expires_at);
    known.put(hash, viewer.clone(), now, note_at, before);
    Ok(Some(viewer))
}

/// Which of the keys of those who are connected hold no more: one statement. To stay connected is to use a key, so that
/// is noted for the others, with one statement more at most once a minute.
pub async fn ended(services: &Services, ids: &[ApiKeyId]) -> Result<HashSet<ApiKeyId>, Error> {
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

/// Another process may write, or the disk be full: that must not shut anybody out who only wants to read.
async fn touch(services: &Services, ids: &[ApiKeyId], now: Timestamp) {
    match store::touch(&services.db, ids, now).await {
        Ok(()) | Err(StoreError::Busy) => {}
        Err(error) => tracing::warn!(error = ?error, "could not record the last use of API keys"),
    }
}
