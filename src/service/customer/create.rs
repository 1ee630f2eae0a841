//! Creates customers. An address that another customer has is an error.

use entity::WorkspaceId;

use super::{CustomerFields, Written, blank, taken::refuse_taken};
use crate::{
    auth::{Viewer, policy},
    events::NewEvent,
    service::{
        Error, Services, Transaction, UserError, UserErrorCode, transaction::with_retries, validate::Checks,
        workspace_of,
    },
    store::customer as store,
};

#[derive(Clone, Debug)]
pub struct CreateCustomer {
    /// Workspace of the customer. If absent, the only workspace of the viewer.
    pub workspace: Option<WorkspaceId>,
    pub fields: CustomerFields,
}

/// The fields do not identify a customer.
pub(super) fn unidentified() -> UserError {
    let message = "A customer requires at least one of `email`, `emails`, `name` and `externalId`.";
    UserError::new(UserErrorCode::Required, message, &["input", "email"])
}

pub async fn create(services: &Services, viewer: &Viewer, input: CreateCustomer) -> Result<Written, Error> {
    policy::work(viewer)?;
    let workspace = workspace_of(viewer, input.workspace, &["workspaceId"])?;
    let mut checks = Checks::default();
    let fields = input.fields.checked(viewer, &mut checks, "input");
    if !fields.has_email() && fields.name.as_set().is_none() && fields.external_id.as_set().is_none() {
        checks.add(unidentified());
    }
    checks.finish()?;
    with_retries(services, || once(services, viewer, workspace, &fields)).await
}

async fn once(
    services: &Services,
    viewer: &Viewer,
    workspace: WorkspaceId,
    fields: &CustomerFields,
) -> Result<Written, Error> {
    let mut transaction = Transaction::begin(services).await?;
    refuse_taken(&transaction, &viewer.scope(), workspace, fields, None).await?;
    let mut row = blank(services.clock.id(), workspace, services.clock.now());
    fields.clone().apply(&mut row, "input")?;
    store::insert_many(transaction.writing(), vec![row.clone()]).await?;
    transaction.record(NewEvent::customer_created(&row));
    let written = |cursor| Written {
        customer: row,
        cursor,
    };
    transaction.commit(viewer, written).await
}
