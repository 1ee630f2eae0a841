//! Updates an existing customer or creates a new one, as POST of Keva does.

use entity::WorkspaceId;

use super::{
    CustomerFields, CustomerIdentifier, Written, blank, create::unidentified, taken::refuse_taken,
    update::change,
};
use crate::{
    auth::{Viewer, policy},
    events::NewEvent,
    service::{
        Error, Patch, Services, Transaction, UserError, UserErrorCode, transaction::with_retries,
        validate::Checks, workspace_of,
    },
    store::{StoreError, customer as store, filter::email_key},
};

#[derive(Clone, Debug)]
pub struct UpsertCustomer {
    /// Workspace of the customer. If absent, the only workspace of the viewer.
    pub workspace: Option<WorkspaceId>,
    /// Reference to the customer. If absent, the address in the fields.
    pub identifier: Option<CustomerIdentifier>,
    /// Fields of the customer. Absent fields remain unchanged.
    pub fields: CustomerFields,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, entity::Word)]
pub enum UpsertResult {
    Created,
    Updated,
    /// The customer was already up to date. No event was written.
    Unchanged,
}

pub async fn upsert(
    services: &Services,
    viewer: &Viewer,
    input: UpsertCustomer,
) -> Result<(Written, UpsertResult), Error> {
    policy::work(viewer)?;
    let workspace = workspace_of(viewer, input.workspace, &["workspaceId"])?;
    let mut checks = Checks::default();
    let fields = input.fields.checked(viewer, &mut checks, "input");
    let identifier = match (input.identifier, named_by(&fields)) {
        (Some(identifier), _) => {
            identifier.check(&mut checks, &["identifier"]);
            Some(identifier)
        }
        // The address is already validated with the fields. It is the primary one or the first.
        (None, Some(email)) => Some(CustomerIdentifier::Email(email)),
        (None, None) => {
            let message =
                "Either `identifier` or an email address in `input` is required to identify the customer.";
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
    with_retries(services, || {
        once(services, viewer, workspace, &identifier, &fields)
    })
    .await
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
            // The address was only used to find the customer. Another spelling of it is no change, and
            // neither is the fact that it is not the primary one.
            let found_by =
                |key: &str| matches!(identifier, CustomerIdentifier::Email(email) if email_key(email) == key);
            if let Some(key) = fields.email.as_set().map(|email| email_key(email))
                && (key == row.email_key || found_by(&key))
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
    let written = |cursor| (Written { customer, cursor }, result);
    transaction.commit(viewer, written).await
}

/// Returns the address by which the fields identify a customer.
fn named_by(fields: &CustomerFields) -> Option<String> {
    let all = fields.emails.as_set();
    let primary = all.and_then(|all| all.iter().find(|one| one.primary).or(all.first()));
    let email = fields.email.as_set().or(primary.map(|one| &one.email));
    email.cloned()
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
            return Err(UserError::no_such_here("customer", &["identifier", "id"]).into());
        }
        // The address of the reference becomes that of the new customer, unless the fields set another one.
        CustomerIdentifier::Email(email) if !fields.email.is_given() && !fields.emails.is_given() => {
            fields.email = Patch::Set(email.clone());
        }
        CustomerIdentifier::ExternalId(id) if !fields.external_id.is_given() => {
            fields.external_id = Patch::Set(id.clone());
        }
        CustomerIdentifier::Email(_) | CustomerIdentifier::ExternalId(_) => {}
    }
    if let Err(taken) = refuse_taken(transaction, &viewer.scope(), workspace, &fields, None).await {
        // Another writer created the same customer after the look-up. The next attempt finds it.
        let found = identifier.find(transaction, viewer, Some(workspace)).await?;
        return Err(if found.is_some() {
            StoreError::Busy.into()
        } else {
            taken
        });
    }
    if !fields.has_email() && fields.name.as_set().is_none() && fields.external_id.as_set().is_none() {
        return Err(unidentified().into());
    }
    fields.apply(&mut row, "input")?;
    store::insert_many(transaction.writing(), vec![row.clone()]).await?;
    transaction.record(NewEvent::customer_created(&row));
    Ok(row)
}
