//! Revokes API keys.

use entity::ApiKeyId;

use super::{find, note};
use crate::{
    auth::{Viewer, policy},
    service::{Error, Services, Transaction, transaction::with_retries},
    store::api_key::{self as store, KeyWithWorkspaces},
};

/// Revokes a key. This node rejects it at once, other nodes within a second. Its open connections end within
/// seconds. A key that is already revoked remains unchanged.
pub async fn revoke(services: &Services, viewer: &Viewer, id: ApiKeyId) -> Result<KeyWithWorkspaces, Error> {
    policy::manage(viewer)?;
    with_retries(services, || async {
        let transaction = Transaction::begin(services).await?;
        let mut found = find(&transaction, viewer, id).await?;
        if found.key.revoked_at.is_none() {
            found.key.revoked_at = Some(services.clock.now());
            store::update(transaction.writing(), found.key.clone()).await?;
        }
        let revoked = transaction.commit(viewer, |_| found).await?;
        services.keys.invalidate();
        note(viewer, id, "revoked an API key");
        Ok(revoked)
    })
    .await
}
