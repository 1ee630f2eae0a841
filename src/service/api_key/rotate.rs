//! Rotates API keys. The old key remains valid for a while, so that programs can switch to the new one.

use entity::{ApiKeyId, Timestamp};

use super::{CreatedKey, add, ahead, find, note, row};
use crate::{
    auth::{Grant, Viewer, policy},
    service::{
        Error, Patch, Services, Transaction, UserError, UserErrorCode, transaction::with_retries,
        validate::Checks, wording,
    },
    store::api_key::{self as store, KeyWithWorkspaces},
};

/// Default overlap of the old key in seconds.
pub const OVERLAP_DEFAULT_S: i32 = 24 * 60 * 60;
/// Maximum overlap in seconds.
pub const OVERLAP_MAX_S: i32 = 7 * 24 * 60 * 60;

#[derive(Clone, Debug)]
pub struct RotateApiKey {
    pub id: ApiKeyId,
    /// Time that the old key remains valid, in seconds. 0 ends it at once.
    pub overlap_s: i32,
    /// Time of expiry. From then on, the new key is rejected. Unchanged takes the time of the old key,
    /// cleared means never.
    pub expires_at: Patch<Timestamp>,
}

/// Creates the new key and shortens the validity of the old one.
pub async fn rotate(services: &Services, viewer: &Viewer, input: RotateApiKey) -> Result<CreatedKey, Error> {
    policy::manage(viewer)?;
    let mut checks = Checks::default();
    if !(0..=OVERLAP_MAX_S).contains(&input.overlap_s) {
        let why = wording::out_of_range(input.overlap_s, OVERLAP_MAX_S);
        let path = ["input", "overlapSeconds"];
        checks.add(UserError::of(UserErrorCode::Invalid, &why, &path));
    }
    if let Patch::Set(at) = input.expires_at {
        ahead(&mut checks, services, Some(at));
    }
    checks.finish()?;
    with_retries(services, || async {
        let transaction = Transaction::begin(services).await?;
        let mut old = find(&transaction, viewer, input.id).await?;
        refuse_unfit(services, viewer, &old)?;
        let (new, token) = row(
            services,
            old.key.name.clone(),
            old.key.grants.clone(),
            old.workspaces.clone(),
            input.expires_at.clone().over(&old.key.expires_at),
        );
        add(&transaction, &new, &["id"]).await?;
        let end = Timestamp(services.clock.now().0 + i64::from(input.overlap_s) * 1_000);
        old.key.expires_at = Some(old.key.expires_at.map_or(end, |before| before.min(end)));
        old.key.replaced_by_id = Some(new.key.id);
        store::update(transaction.writing(), old.key.clone()).await?;
        let made = transaction
            .commit(viewer, |_| CreatedKey {
                opening: new,
                token: Some(token),
                replaced: Some(old),
            })
            .await?;
        services.keys.invalidate();
        note(viewer, input.id, "rotated an API key");
        Ok(made)
    })
    .await
}

/// Rejects a key that is invalid, was already rotated, or has more grants than the viewer, which would see
/// the new key.
fn refuse_unfit(services: &Services, viewer: &Viewer, old: &KeyWithWorkspaces) -> Result<(), Error> {
    let key = &old.key;
    let refuse = |message: &str| {
        let error = UserError::new(UserErrorCode::Invalid, message, &["id"]);
        match key.replaced_by_id {
            Some(new) => Err(error.held_by(&new).into()),
            None => Err(error.into()),
        }
    };
    let now = services.clock.now();
    if key.replaced_by_id.is_some() {
        return refuse("This API key was already rotated. `existingId` is the id of the new key.");
    }
    if key.revoked_at.is_some() || key.expires_at.is_some_and(|end| end <= now) {
        return refuse("This API key is expired or revoked and cannot be rotated. Create a new key.");
    }
    // Grants of another version of this program have no effect here, and no viewer can be shown to have them.
    let known: Vec<Grant> = key.grants.0.iter().filter_map(|name| name.parse().ok()).collect();
    let is_beyond = known.iter().any(|grant| policy::hand_on(viewer, *grant).is_err());
    if is_beyond || known.len() < key.grants.0.len() {
        let message = "This API key has grants that you do not have, so you cannot rotate it.";
        return Err(UserError::forbidden(message, &["id"]).into());
    }
    Ok(())
}
