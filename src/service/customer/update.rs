//! Updates customers.

use entity::{CustomerId, customer::Model};

use super::{CustomerFields, CustomerIdentifier, Written, taken::refuse_taken};
use crate::{
    auth::{Viewer, policy},
    events::NewEvent,
    service::{
        Error, Services, Transaction, UserError, error::refuse_stale, moment::moment,
        transaction::with_retries, validate::Checks,
    },
    store::customer as store,
};

#[derive(Clone, Debug)]
pub struct UpdateCustomer {
    pub id: CustomerId,
    /// Version that the caller expects. If absent, any version.
    pub if_version: Option<i32>,
    pub fields: CustomerFields,
}

pub async fn update(services: &Services, viewer: &Viewer, input: UpdateCustomer) -> Result<Written, Error> {
    policy::work(viewer)?;
    let mut checks = Checks::default();
    let fields = input.fields.checked(viewer, &mut checks, "input");
    checks.finish()?;
    with_retries(services, || async {
        let mut transaction = Transaction::begin(services).await?;
        let found = CustomerIdentifier::Id(input.id)
            .find(&transaction, viewer, None)
            .await?;
        let row = found.ok_or_else(|| UserError::no_such("customer", &["id"]))?;
        refuse_stale(input.if_version, &row)?;
        let (customer, _) = change(services, &mut transaction, viewer, row, fields.clone()).await?;
        let written = |cursor| Written { customer, cursor };
        transaction.commit(viewer, written).await
    })
    .await
}

/// Writes fields into a locked row if any of them differs. Returns whether one did.
pub(super) async fn change(
    services: &Services,
    transaction: &mut Transaction<'_>,
    viewer: &Viewer,
    before: Model,
    fields: CustomerFields,
) -> Result<(Model, bool), Error> {
    let (workspace, own) = (before.workspace_id, Some(before.id));
    refuse_taken(transaction, &viewer.scope(), workspace, &fields, own).await?;
    let mut row = before.clone();
    let changes = fields.apply(&mut row, "input")?;
    if changes.is_empty() {
        return Ok((row, false));
    }
    row.updated_at = moment(services, &[&before]);
    row.version += 1;
    store::update(transaction.writing(), &before, row.clone()).await?;
    transaction.record(NewEvent::customer_updated(&row, changes));
    Ok((row, true))
}
