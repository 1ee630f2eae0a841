//! Resolves the customer that a caller refers to, and creates an unknown one.

use entity::{CustomerId, WorkspaceId, customer::Model};

use crate::{
    auth::Viewer,
    events::NewEvent,
    service::{Error, Transaction, UserError, validate::Checks},
    store::{
        customer::{self as store, CustomerKey},
        filter::email_key,
    },
};

use super::{CustomerFields, blank};
use crate::service::{Patch, Services};

/// Reference to a customer in an input.
#[derive(Clone, Debug)]
pub enum CustomerIdentifier {
    Id(CustomerId),
    /// By email address, case-insensitive.
    Email(String),
    /// By the id in the caller's system.
    ExternalId(String),
}

impl CustomerIdentifier {
    /// Reports errors of the reference at a path below `root`.
    pub fn check(&self, checks: &mut Checks, root: &[&str]) {
        if let Self::Email(email) = self {
            let path: Vec<&str> = root.iter().copied().chain(["email"]).collect();
            checks.email(email, &path);
        }
        if let Self::ExternalId(id) = self {
            let path: Vec<&str> = root.iter().copied().chain(["externalId"]).collect();
            checks.required(id, crate::service::validate::EXTERNAL_ID_MAX, &path);
        }
    }

    /// Returns the customer and locks its row until the transaction ends.
    pub async fn find(
        &self,
        transaction: &Transaction<'_>,
        viewer: &Viewer,
        workspace: Option<WorkspaceId>,
    ) -> Result<Option<Model>, Error> {
        let key;
        let by = match self {
            Self::Id(id) => CustomerKey::Id(*id),
            Self::Email(email) => {
                key = email_key(email);
                // An address is unique only in one workspace.
                let Some(workspace) = workspace else {
                    return Ok(None);
                };
                CustomerKey::EmailKey(workspace, &key)
            }
            Self::ExternalId(id) => CustomerKey::ExternalId(id),
        };
        Ok(store::find_to_change(transaction.writing(), &viewer.scope(), workspace, by).await?)
    }
}

/// Returns the customer with this address and locks its row until the transaction ends. Creates the customer
/// if it does not exist.
///
/// The second value is true if the customer was created.
pub async fn find_or_make(
    services: &Services,
    transaction: &mut Transaction<'_>,
    viewer: &Viewer,
    workspace: WorkspaceId,
    email: &str,
    name: Option<&str>,
) -> Result<(Model, bool), Error> {
    let identifier = CustomerIdentifier::Email(email.to_owned());
    if let Some(found) = identifier.find(transaction, viewer, Some(workspace)).await? {
        return Ok((found, false));
    }
    // A customer cannot create others. For it, other addresses than its own do not exist.
    if viewer.as_customer().is_some() {
        return Err(UserError::no_such_here("customer", &[]).into());
    }
    let mut row = blank(services.clock.id(), workspace, services.clock.now());
    let fields = CustomerFields {
        email: Patch::Set(email.to_owned()),
        name: name
            .filter(|name| !name.trim().is_empty())
            .map(str::to_owned)
            .into(),
        ..CustomerFields::default()
    };
    fields.apply(&mut row, "input")?;
    store::insert_many(transaction.writing(), vec![row.clone()]).await?;
    transaction.record(NewEvent::customer_created(&row));
    Ok((row, true))
}
