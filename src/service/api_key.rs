//! Makes API keys, and finds out whose one is.

use std::collections::HashSet;

use entity::{ApiKeyId, Tags, Timestamp, WorkspaceId, api_key::Model};

use super::{
    Error, Services, UserError, UserErrorCode,
    validate::{Checks, LINE_MAX},
};
use crate::{
    auth::{Grant, Grants, Viewer, api_key},
    store::{StoreError, api_key as store},
};

/// How exactly the last use is noted, in milliseconds: once a minute costs nothing.
const TOUCH_EVERY_MS: i64 = 60_000;

/// What is wanted.
#[derive(Clone, Debug)]
pub struct CreateApiKey {
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub grants: Vec<Grant>,
    /// Which workspaces it opens.
    pub workspaces: Vec<WorkspaceId>,
    /// From when it is refused.
    pub expires_at: Option<Timestamp>,
}

/// Makes a key. The second value is the key itself: shown once, kept nowhere.
pub async fn create(services: &Services, input: CreateApiKey) -> Result<(Model, String), Error> {
    let mut checks = Checks::default();
    checks.required(&input.name, LINE_MAX, &["name"]);
    if input.workspaces.is_empty() {
        checks.add(UserError::new(
            UserErrorCode::Required,
            "A key opens at least one workspace.",
            &["workspaces"],
        ));
    }
    checks.finish()?;
    let key = api_key::generate(&services.clock);
    let grants: Grants = input.grants.into_iter().collect();
    let row = Model {
        id: services.clock.id(),
        name: input.name,
        prefix: key.prefix,
        hash: key.hash,
        grants: Tags(grants.names().map(str::to_owned).collect()),
        created_at: services.clock.now(),
        last_used_at: None,
        expires_at: input.expires_at,
        revoked_at: None,
    };
    let writing = services.db.begin().await?;
    store::insert(&writing, row.clone(), &input.workspaces).await?;
    writing.commit().await?;
    Ok((row, key.secret))
}

/// Revokes a key: from now on it is refused, and whoever is connected with it is let go within seconds. Answers whether
/// there is such a key; one that was revoked before stays as it was.
pub async fn revoke(services: &Services, id: ApiKeyId) -> Result<bool, Error> {
    let writing = services.db.begin().await?;
    let found = store::revoke(&writing, id, services.clock.now()).await?;
    writing.commit().await?;
    Ok(found)
}

/// Which of these keys were revoked, in one statement.
pub async fn revoked(services: &Services, ids: &[ApiKeyId]) -> Result<HashSet<ApiKeyId>, Error> {
    Ok(store::revoked_unscoped(&services.db, ids).await?)
}

/// The viewer whom a key speaks for; none when it is unknown, expired or revoked.
pub async fn authenticate(services: &Services, secret: &str) -> Result<Option<Viewer>, Error> {
    let Some((key, workspaces)) = store::find_by_hash_unscoped(&services.db, &api_key::hash(secret)).await?
    else {
        return Ok(None);
    };
    let now = services.clock.now();
    if key.revoked_at.is_some() || key.expires_at.is_some_and(|end| end <= now) {
        return Ok(None);
    }
    if key
        .last_used_at
        .is_none_or(|last| now.0 - last.0 >= TOUCH_EVERY_MS)
    {
        match store::touch(&services.db, key.id, now).await {
            // Another process writes: that must not shut anybody out who only wants to read.
            Ok(()) | Err(StoreError::Busy) => {}
            Err(error) => return Err(error.into()),
        }
    }
    // A grant that this version does not know grants nothing.
    let grants = key.grants.0.iter().filter_map(|name| name.parse().ok()).collect();
    Ok(Some(
        Viewer::api_key(key.id, grants, &workspaces).until(key.expires_at),
    ))
}
