//! Updates tickets.

use entity::{
    AgentId, QueueId, Tags, TeamId, TicketId, Timestamp,
    ticket::{Entity, Model, Priority, Status},
};

use serde_json::{Map, Value};

use super::create::Assignment;
use crate::{
    auth::{Viewer, policy},
    events::{ChangeCursor, FieldChanges, NewEvent},
    service::{
        Error, Patch, Services, Transaction, UserError,
        custom_fields::merged,
        customer::{CustomerIdentifier, ticket_moved},
        error::refuse_stale,
        moment::moment,
        transaction::with_retries,
        validate::{Checks, SUBJECT_MAX, WORD_MAX},
    },
    store::{self, filter::fold},
};

#[derive(Clone, Debug, Default)]
pub struct TicketFields {
    pub subject: Patch<String>,
    pub status: Patch<Status>,
    pub priority: Patch<Priority>,
    pub assigned_to: Patch<AgentId>,
    pub team: Patch<TeamId>,
    pub queue: Patch<QueueId>,
    /// Custom fields, merged key by key.
    pub custom_fields: Patch<Map<String, Value>>,
    pub resolution_type: Patch<String>,
    pub tags: Patch<Vec<String>>,
}

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
    let fields = checked(input.fields, &mut checks);
    checks.finish()?;
    with_retries(services, || {
        once(services, viewer, (input.id, input.if_version), &fields)
    })
    .await
}

fn checked(fields: TicketFields, checks: &mut Checks) -> TicketFields {
    checks.kept(&fields.subject, &["input", "subject"]);
    checks.kept(&fields.status, &["input", "status"]);
    checks.kept(&fields.priority, &["input", "priority"]);
    if let Patch::Set(subject) = &fields.subject {
        checks.required(subject, SUBJECT_MAX, &["input", "subject"]);
    }
    let resolution_type = checks.line(fields.resolution_type, WORD_MAX, &["input", "resolutionType"]);
    let tags = fields.tags.map(|tags| checks.tags(tags, &["input", "tags"]).0);
    let custom_fields = checks.custom_fields(fields.custom_fields, &["input", "customFields"]);
    TicketFields {
        custom_fields,
        resolution_type,
        tags,
        ..fields
    }
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
            .team
            .as_set()
            .copied()
            .filter(|id| before.team_id != Some(*id)),
        queue: fields
            .queue
            .as_set()
            .copied()
            .filter(|id| before.queue_id != Some(*id)),
    };
    assignment
        .require(&transaction, viewer, before.workspace_id)
        .await?;

    let now = moment(services, &[&before]);
    let mut row = before.clone();
    let changes = apply(fields.clone(), &mut row, now)?;
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

fn apply(fields: TicketFields, row: &mut Model, now: Timestamp) -> Result<FieldChanges, UserError> {
    let mut changes = FieldChanges::default();
    let custom_fields = merged(
        &row.custom_fields,
        fields.custom_fields,
        &["input", "customFields"],
    )?;
    changes.set_custom_fields(&mut row.custom_fields, custom_fields);
    let subject = fields.subject.over_required(&row.subject, row.subject.clone());
    changes.set("subject", &mut row.subject, subject);
    row.subject_key = fold(&row.subject);
    let priority = fields.priority.over_required(&row.priority, row.priority);
    changes.set("priority", &mut row.priority, priority);
    let assigned_to = fields.assigned_to.over(&row.assigned_to);
    changes.set("assignedTo", &mut row.assigned_to, assigned_to);
    let team = fields.team.over(&row.team_id);
    changes.set("teamId", &mut row.team_id, team);
    let queue = fields.queue.over(&row.queue_id);
    changes.set("queueId", &mut row.queue_id, queue);
    let resolution_type = fields.resolution_type.over(&row.resolution_type);
    changes.set("resolutionType", &mut row.resolution_type, resolution_type);
    let tags = fields.tags.over_required(&row.tags.0, Vec::new());
    changes.set("tags", &mut row.tags, Tags(tags));
    let status = fields.status.over_required(&row.status, row.status);
    enter(row, status, now, &mut changes);
    Ok(changes)
}

/// Sets the status of a ticket. A change from open or pending to solved or closed sets the time of
/// resolution. Closing a solved ticket keeps this time, reopening a ticket clears it.
pub fn enter(row: &mut Model, status: Status, now: Timestamp, changes: &mut FieldChanges) {
    let resolved_at = match (row.status.is_open(), status.is_open()) {
        (_, true) => None,
        (true, false) => Some(now),
        (false, false) => row.resolved_at,
    };
    changes.set("status", &mut row.status, status);
    changes.set("resolvedAt", &mut row.resolved_at, resolved_at);
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
