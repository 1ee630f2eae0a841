//! Use cases on API keys. API keys are settings, not helpdesk data, so the use cases write no events. Each
//! use case logs its actor.
//!
//! A viewer can neither create nor view a key with more workspaces or grants than its own. A key can also
//! have workspaces that a viewer does not see. Only viewers that see all workspaces of a key can revoke or
//! rotate it.

mod create;
mod credential_cache;
mod hold;
mod revoke;
mod rotate;

use std::collections::HashSet;

use entity::{ApiKeyId, Tags, Timestamp, WorkspaceId, api_key::Model};

pub use create::{CreateApiKey, create};
pub use credential_cache::{CredentialCache, TRUST_MS};
pub use hold::{authenticate, find_ended};
pub use revoke::revoke;
pub use rotate::{OVERLAP_DEFAULT_S, OVERLAP_MAX_S, RotateApiKey, rotate};

use super::{
    Error, Services, Transaction, UserError, UserErrorCode,
    exist::LIST_MAX,
    idempotency::Outcome,
    outcome::kept,
    validate::{Checks, LINE_MAX},
    wording,
};
use crate::{
    auth::{Viewer, api_key},
    config::Secret,
    store::{
        api_key::{self as store, KeyWithWorkspaces},
        idempotency::StoredOutcome,
    },
};

/// Maximum number of valid keys of one workspace, because lists return all of them.
pub const KEYS_MAX: usize = 500;

#[derive(Clone, Debug)]
pub struct CreatedKey {
    pub opening: KeyWithWorkspaces,
    /// Secret key, returned once and not stored. `None` in the result of a repeated request.
    pub token: Option<Secret>,
    pub replaced: Option<KeyWithWorkspaces>,
}

/// Builds the row of a new key together with the secret key.
fn row(
    services: &Services,
    name: String,
    grants: Tags,
    workspaces: Vec<WorkspaceId>,
    expires_at: Option<Timestamp>,
) -> (KeyWithWorkspaces, Secret) {
    let new = api_key::generate(&services.clock);
    let key = Model {
        id: services.clock.id(),
        name,
        prefix: new.prefix,
        hash: new.hash,
        grants,
        created_at: services.clock.now(),
        last_used_at: None,
        expires_at,
        revoked_at: None,
        replaced_by_id: None,
    };
    (KeyWithWorkspaces { key, workspaces }, Secret::new(new.secret))
}

/// Inserts a key. Rejects it if one of its workspaces has too many keys.
async fn add(transaction: &Transaction<'_>, opening: &KeyWithWorkspaces, path: &[&str]) -> Result<(), Error> {
    let writing = transaction.writing();
    let now = opening.key.created_at;
    let counts = store::counts_unscoped(writing, &opening.workspaces, now).await?;
    let is_full = |count: &i64| usize::try_from(*count).is_ok_and(|count| count >= KEYS_MAX);
    if counts.values().any(is_full) {
        let message =
            format!("A workspace has {KEYS_MAX} active API keys, which is the maximum. Revoke a key first.");
        return Err(UserError::new(UserErrorCode::Invalid, message, path).into());
    }
    Ok(store::insert(writing, opening.key.clone(), &opening.workspaces).await?)
}

/// Returns a key and locks its row until the transaction ends. The viewer must see all workspaces of the key.
async fn find(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    id: ApiKeyId,
) -> Result<KeyWithWorkspaces, Error> {
    let scope = viewer.scope();
    let found = store::find_to_change(transaction.writing(), &scope, id).await?;
    let found = found.ok_or_else(|| UserError::no_such("API key", &["id"]))?;
    if found.workspaces.iter().any(|workspace| !scope.holds(*workspace)) {
        let message = "This API key belongs to workspaces that you cannot see. Only a caller with access to all of its workspaces can \
                       change it.";
        return Err(UserError::forbidden(message, &["id"]).into());
    }
    Ok(found)
}

impl Outcome for CreatedKey {
    fn keep(&self) -> StoredOutcome {
        StoredOutcome {
            replaced: self.replaced.as_ref().map(|old| old.key.id.to_string()),
            ..self.opening.keep()
        }
    }

    async fn recall(
        services: &Services,
        viewer: &Viewer,
        kept: &StoredOutcome,
    ) -> Result<Option<Self>, Error> {
        let Some(opening) = KeyWithWorkspaces::recall(services, viewer, kept).await? else {
            return Ok(None);
        };
        let replaced = match &kept.replaced {
            Some(id) => recall(services, viewer, id).await?,
            None => None,
        };
        Ok(Some(Self {
            opening,
            token: None,
            replaced,
        }))
    }
}

impl Outcome for KeyWithWorkspaces {
    fn keep(&self) -> StoredOutcome {
        // The viewer of the mutation sees all workspaces of the key, so any of them identifies the result.
        match self.workspaces.first() {
            Some(workspace) => kept(*workspace, &self.key.id, None),
            None => StoredOutcome::default(),
        }
    }

    async fn recall(
        services: &Services,
        viewer: &Viewer,
        kept: &StoredOutcome,
    ) -> Result<Option<Self>, Error> {
        recall(services, viewer, &kept.thing).await
    }
}

async fn recall(services: &Services, viewer: &Viewer, id: &str) -> Result<Option<KeyWithWorkspaces>, Error> {
    let Ok(id) = id.parse::<ApiKeyId>() else {
        return Ok(None);
    };
    let found = store::find_many(&services.db, &viewer.scope(), &[id.0]).await?;
    Ok(found.into_iter().next())
}

/// Reports an instant that is not in the future.
fn ahead(checks: &mut Checks, services: &Services, at: Option<Timestamp>) {
    if at.is_some_and(|at| at <= services.clock.now()) {
        let path = ["input", "expiresAt"];
        checks.add(UserError::of(UserErrorCode::Invalid, wording::PAST, &path));
    }
}

/// Reports each repeated entry of a list at its position. A list that is too long is one error.
fn each_once<T: Eq + std::hash::Hash>(checks: &mut Checks, all: &[T], max: usize, path: &[&str]) -> bool {
    if all.len() > max {
        let why = wording::too_many(all.len(), "entries", max);
        checks.add(UserError::of(UserErrorCode::TooLong, &why, path));
        return false;
    }
    let mut seen = HashSet::new();
    for (index, _) in all.iter().enumerate().filter(|(_, one)| !seen.insert(*one)) {
        let index = index.to_string();
        let path: Vec<&str> = path.iter().copied().chain([index.as_str()]).collect();
        checks.add(UserError::of(UserErrorCode::Invalid, wording::REPEATED, &path));
    }
    true
}

/// Logs the actor of an operation on a key.
fn note(viewer: &Viewer, id: ApiKeyId, what: &str) {
    tracing::info!(api_key.id = %id, by = ?viewer.identity, "{what}");
}
