//! Detects unique values that other customers already have.

use entity::{CustomerId, WorkspaceId};

use super::CustomerFields;
use crate::{
    auth::Scope,
    service::{Error, Transaction, UserError},
    store::{
        customer::{self as store, CustomerKey},
        filter::email_key,
    },
};

/// Rejects addresses and an external id that another customer of the workspace has.
///
/// The check takes no locks, because two updates that swap addresses would deadlock. If another writer takes
/// a value in the meantime, the unique index rejects it, and the next attempt finds the other customer here.
pub(super) async fn refuse_taken(
    transaction: &Transaction<'_>,
    scope: &Scope,
    workspace: WorkspaceId,
    fields: &CustomerFields,
    own: Option<CustomerId>,
) -> Result<(), Error> {
    let connection = transaction.writing().connection();
    let mut errors = Vec::new();
    let keys: Vec<String> = fields.given_emails().map(|(email, _)| email_key(email)).collect();
    if !keys.is_empty() {
        let holders = store::holders(connection, workspace, keys).await?;
        for (email, path) in fields.given_emails() {
            if let Some(other) = holders.get(&email_key(email)).filter(|id| Some(**id) != own) {
                let path: Vec<&str> = ["input"]
                    .into_iter()
                    .chain(path.iter().map(String::as_str))
                    .collect();
                errors.push(UserError::email_taken(other, &path));
            }
        }
    }
    if let Some(id) = fields.external_id.as_set() {
        let other = store::find(connection, scope, workspace, CustomerKey::ExternalId(id)).await?;
        if let Some(other) = other.filter(|other| Some(other.id) != own) {
            errors.push(UserError::external_id_taken(
                "customer",
                &other.id,
                &["input", "externalId"],
            ));
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::Refused(errors))
    }
}
