//! Revokes a key.

use entity::ApiKeyId;

use super::{find, note};
use crate::{
    auth::{Viewer, policy},
    service::{Error, Services, Transaction, transaction::with_retries},
    store::api_key::{self as store, Opening},
};

/// Revokes the key: from now on it is refused here, within a second on other nodes, and whoever is connected with it is let
/// go within seconds. One that was
/// revoked before stays as it was.
pub async fn revoke(services: &Services, viewer: &Viewer, id: ApiKeyId) -> Result<Opening, Error> {
    policy::manage(viewer)?;
    with_retries(services, || async {
        let transaction = Transaction::begin(services).await?;
        let mut found = find(&transaction, viewer, id).await?;
        if found.key.revoked_at.is_none() {
            found.key.revoked_at = Some(services.clock.now());
            store::update(transaction.writing(), found.key.clone()).await?;
        }
        let revoked = transaction.commit(viewer, |_| found).await?;
        services.keys.ended();
        note(viewer, id, "revoked an API key");
        Ok(revoked)
    })
    .await
}
