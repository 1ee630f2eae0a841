//! Updates tickets.

use entity::{
    TicketId,
    ticket::{Entity, Model},
};

use super::{TicketFields, create::Assignment};
use crate::{
    auth::{Viewer, policy},
    events::{ChangeCursor, NewEvent},
    service::{
        Error, Services, Transaction, UserError,
        customer::{CustomerIdentifier, ticket_moved},
        error::refuse_stale,
        moment::moment,
        transaction::with_retries,
        validate::Checks,
    },
    store,
};

#[derive(Clone, Debug)]
pub struct UpdateTicket {
    pub id: TicketId,
    /// Version that the caller expects. If absent, any version.
    pub if_version: Option<i32>,
    pub fields: TicketFields,
}

#[derive(Clone, Debug)]
pub struct Updated {
    pub ticket: Model,
    /// Cursor in the change log. `None` if nothing changed.
    pub cursor: Option<ChangeCursor>,
}

pub async fn update(services: &Services, viewer: &Viewer, input: UpdateTicket) -> Result<Updated, Error> {
    policy::work(viewer)?;
    let mut checks = Checks::default();
    let fields = input.fields.checked(&mut checks);
    checks.finish()?;
    with_retries(services, || {
        once(services, viewer, (input.id, input.if_version), &fields)
    })
    .await
}

async fn once(
    services: &Services,
    viewer: &Viewer,
    (id, if_version): (TicketId, Option<i32>),
    fields: &TicketFields,
) -> Result<Updated, Error> {
    let mut transaction = Transaction::begin(services).await?;
    let found = store::hold::find_to_change::<Entity>(transaction.writing(), &viewer.scope(), id).await?;
    let before = found.ok_or_else(|| UserError::no_such("ticket", &["id"]))?;
    refuse_stale(if_version, &before)?;
    let assignment = Assignment {
        agent: fields
            .assigned_to
            .as_set()
            .copied()
            .filter(|id| before.assigned_to != Some(*id)),
        team: fields
            .team_id
            .as_set()
            .copied()
            .filter(|id| before.team_id != Some(*id)),
        queue: fields
            .queue_id
            .as_set()
            .copied()
            .filter(|id| before.queue_id != Some(*id)),
    };
    assignment
        .require(&transaction, viewer, before.workspace_id)
        .await?;

    let now = moment(services, &[&before]);
    let mut row = before.clone();
    let changes = fields.apply(&mut row, now)?;
    if !changes.is_empty() {
        row.updated_at = now;
        row.version += 1;
        store::ticket::change(transaction.writing(), &before, row.clone()).await?;
        transaction.record(NewEvent::ticket_updated(&row, changes));
        count(&transaction, viewer, &before, &row).await?;
    }
    let updated = |cursor| Updated { ticket: row, cursor };
    transaction.commit(viewer, updated).await
}

/// Updates the figures of the customer after a change of a ticket.
async fn count(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    before: &Model,
    after: &Model,
) -> Result<(), Error> {
    if before.status == after.status && before.resolved_at == after.resolved_at {
        return Ok(());
    }
    let customer = CustomerIdentifier::Id(after.customer_id)
        .find(transaction, viewer, None)
        .await?;
    if let Some(mut customer) = customer {
        ticket_moved(&mut customer, before, after);
        store::customer::update_figures(transaction.writing(), &customer).await?;
    }
    Ok(())
}
