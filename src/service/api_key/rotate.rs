//! Puts a new key in the place of one, which holds on for a while, so that programs can be changed over.

use entity::{ApiKeyId, Timestamp};

use super::{Made, add, ahead, find, note, row};
use crate::{
    auth::{Grant, Viewer, policy},
    service::{
        Error, Patch, Services, Transaction, UserError, UserErrorCode, transaction::with_retries,
        validate::Checks,
    },
    store::api_key::{self as store, Opening},
};

/// Seconds for which the old key holds on when nobody says.
pub const OVERLAP_DEFAULT_S: i32 = 24 * 60 * 60;
/// Most seconds for which it may.
pub const OVERLAP_MAX_S: i32 = 7 * 24 * 60 * 60;

/// What is wanted.
#[derive(Clone, Debug)]
pub struct RotateApiKey {
    /// Which key.
    pub id: ApiKeyId,
    /// For how many seconds the old one holds on; 0 ends it at once.
    pub overlap_s: i32,
    /// From when the new one is refused: as the old one when it is left alone, never when cleared.
    pub expires_at: Patch<Timestamp>,
}

/// Makes the new key and brings the end of the old one forward.
pub async fn rotate(services: &Services, viewer: &Viewer, input: RotateApiKey) -> Result<Made, Error> {
    policy::manage(viewer)?;
    let mut checks = Checks::default();
    if !(0..=OVERLAP_MAX_S).contains(&input.overlap_s) {
        let message = format!("This is 0 to {OVERLAP_MAX_S} seconds.");
        let path = ["input", "overlapSeconds"];
        checks.add(UserError::new(UserErrorCode::Invalid, message, &path));
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
            .commit(viewer, |_| Made {
                opening: new,
                token: Some(token),
                replaced: Some(old),
            })
            .await?;
        services.keys.ended();
        note(viewer, input.id, "rotated an API key");
        Ok(made)
    })
    .await
}

/// Refuses a key that holds no more, that was rotated already, or that may more than the viewer: the new one is shown.
fn refuse_unfit(services: &Services, viewer: &Viewer, old: &Opening) -> Result<(), Error> {
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
        return refuse("This key was rotated already: existingId is the new one.");
    }
    if key.revoked_at.is_some() || key.expires_at.is_some_and(|end| end <= now) {
        return refuse("This key holds no more: make a new one.");
    }
    // A grant of another version of this program grants nothing here, and nobody can be said to have it.
    let known: Vec<Grant> = key.grants.0.iter().filter_map(|name| name.parse().ok()).collect();
    let is_beyond = known.iter().any(|grant| policy::hand_on(viewer, *grant).is_err());
    if is_beyond || known.len() < key.grants.0.len() {
        let message = "This key has grants that you do not have.";
        return Err(UserError::forbidden(message, &["id"]).into());
    }
    Ok(())
}
