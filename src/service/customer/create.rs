//! Makes a customer; an address that is taken is an error.

use entity::WorkspaceId;

use super::{CustomerFields, CustomerIdentifier, Written, blank};
use crate::{
    auth::{Viewer, policy},
    events::NewEvent,
    service::{
        Error, Patch, Services, Transaction, UserError, UserErrorCode, transaction::with_retries,
        validate::Checks, workspace_of,
    },
    store::customer as store,
};

/// What is wanted.
#[derive(Clone, Debug)]
pub struct CreateCustomer {
    /// Where; the viewer's only workspace when absent.
    pub workspace: Option<WorkspaceId>,
    /// What is known of the customer.
    pub fields: CustomerFields,
}

/// Makes the customer.
pub async fn create(services: &Services, viewer: &Viewer, input: CreateCustomer) -> Result<Written, Error> {
    policy::work(viewer)?;
    let workspace = workspace_of(viewer, input.workspace, &["workspaceId"])?;
    let mut checks = Checks::default();
    let fields = input.fields.checked(viewer, &mut checks, "input");
    if fields.email.as_set().is_none() && fields.name.as_set().is_none() {
        let message = "A customer needs an email or a name.";
        checks.add(UserError::new(
            UserErrorCode::Required,
            message,
            &["input", "email"],
        ));
    }
    checks.finish()?;
    with_retries(|| once(services, viewer, workspace, &fields)).await
}

async fn once(
    services: &Services,
    viewer: &Viewer,
    workspace: WorkspaceId,
    fields: &CustomerFields,
) -> Result<Written, Error> {
    let mut transaction = Transaction::begin(services).await?;
    if let Patch::Set(email) = &fields.email {
        let identifier = CustomerIdentifier::Email(email.clone());
        if let Some(other) = identifier.find(&transaction, viewer, Some(workspace)).await? {
            return Err(UserError::email_taken(&other.id, &["input", "email"]).into());
        }
    }
    let mut row = blank(services.clock.id(), workspace, services.clock.now());
    fields.clone().apply(&mut row);
    store::insert_many(transaction.writing(), vec![row.clone()]).await?;
    transaction.record(NewEvent::customer_created(&row));
    let cursor = transaction.commit(viewer).await?;
    Ok(Written {
        customer: row,
        cursor,
    })
}
