//! Finds a customer and changes it, or makes it: Keva's POST.

use entity::WorkspaceId;

use super::{CustomerFields, CustomerIdentifier, Written, blank, update::change};
use crate::{
    auth::{Viewer, policy},
    events::NewEvent,
    service::{
        Error, Patch, Services, Transaction, UserError, UserErrorCode, transaction::with_retries,
        validate::Checks, workspace_of,
    },
    store::{StoreError, customer as store, filter::fold},
};

/// What is wanted.
#[derive(Clone, Debug)]
pub struct UpsertCustomer {
    /// Where; the viewer's only workspace when absent.
    pub workspace: Option<WorkspaceId>,
    /// Whom; found by the address in the fields when absent.
    pub identifier: Option<CustomerIdentifier>,
    /// What is known of the customer. What is absent stays as it is.
    pub fields: CustomerFields,
}

/// What an upsert did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpsertResult {
    /// Made.
    Created,
    /// Changed.
    Updated,
    /// Left as it was: no event.
    Unchanged,
}

/// Changes or makes the customer.
pub async fn upsert(
    services: &Services,
    viewer: &Viewer,
    input: UpsertCustomer,
) -> Result<(Written, UpsertResult), Error> {
    policy::work(viewer)?;
    let workspace = workspace_of(viewer, input.workspace, &["workspaceId"])?;
    let mut checks = Checks::default();
    let fields = input.fields.checked(viewer, &mut checks, "input");
    let identifier = match (input.identifier, &fields.email) {
        (Some(identifier), _) => {
            identifier.check(&mut checks, &["identifier"]);
            Some(identifier)
        }
        // The address in the fields was checked with them.
        (None, Patch::Set(email)) => Some(CustomerIdentifier::Email(email.clone())),
        (None, _) => {
            let message = "Say whom you mean: give an email or an identifier.";
            checks.add(UserError::new(
                UserErrorCode::Required,
                message,
                &["input", "email"],
            ));
            None
        }
    };
    checks.finish()?;
    let Some(identifier) = identifier else {
        return Err(Error::Refused(Vec::new()));
    };
    with_retries(|| once(services, viewer, workspace, &identifier, &fields)).await
}

async fn once(
    services: &Services,
    viewer: &Viewer,
    workspace: WorkspaceId,
    identifier: &CustomerIdentifier,
    fields: &CustomerFields,
) -> Result<(Written, UpsertResult), Error> {
    let mut transaction = Transaction::begin(services).await?;
    let (customer, result) = match identifier.find(&transaction, viewer, Some(workspace)).await? {
        Some(row) => {
            let mut fields = fields.clone();
            // The address found the customer: another spelling of it is no change.
            if fields
                .email
                .as_set()
                .is_some_and(|email| fold(email) == row.email_key)
            {
                fields.email = Patch::Keep;
            }
            let (row, changed) = change(services, &mut transaction, viewer, row, fields).await?;
            (
                row,
                if changed {
                    UpsertResult::Updated
                } else {
                    UpsertResult::Unchanged
                },
            )
        }
        None => (
            make(services, &mut transaction, viewer, workspace, identifier, fields).await?,
            UpsertResult::Created,
        ),
    };
    let cursor = transaction.commit(viewer).await?;
    Ok((Written { customer, cursor }, result))
}

async fn make(
    services: &Services,
    transaction: &mut Transaction<'_>,
    viewer: &Viewer,
    workspace: WorkspaceId,
    identifier: &CustomerIdentifier,
    fields: &CustomerFields,
) -> Result<entity::customer::Model, Error> {
    let mut fields = fields.clone();
    let mut row = blank(services.clock.id(), workspace, services.clock.now());
    match identifier {
        CustomerIdentifier::Id(_) => {
            return Err(UserError::not_found("There is no such customer.", &["identifier", "id"]).into());
        }
        // The address that was looked for is the new customer's, unless the fields give another.
        CustomerIdentifier::Email(email) if !fields.email.is_given() => {
            fields.email = Patch::Set(email.clone());
        }
        CustomerIdentifier::Email(_) => {}
        CustomerIdentifier::ExternalId(id) => row.external_id = Some(id.clone()),
    }
    if let Patch::Set(email) = &fields.email {
        let other = CustomerIdentifier::Email(email.clone());
        if let Some(other) = other.find(transaction, viewer, Some(workspace)).await? {
            // Another writer made the very customer since it was looked for: the next try finds it.
            if identifier.names(&other) {
                return Err(StoreError::Busy.into());
            }
            return Err(UserError::email_taken(&other.id, &["input", "email"]).into());
        }
    }
    if fields.email.as_set().is_none() && fields.name.as_set().is_none() && row.external_id.is_none() {
        let message = "A customer needs an email, a name or an external id.";
        return Err(UserError::new(UserErrorCode::Required, message, &["input", "email"]).into());
    }
    fields.apply(&mut row);
    store::insert_many(transaction.writing(), vec![row.clone()]).await?;
    transaction.record(NewEvent::customer_created(&row));
    Ok(row)
}
