//! Updates conversations.

use entity::{
    AgentId, ConversationId, TeamId,
    conversation::{Entity, Model, Status},
    queue, team,
};
use uuid::Uuid;

use super::{
    ConversationFields, Written,
    snooze::{check_time, no_time, not_snoozed, tell_if_snoozed},
};
use crate::{
    auth::{Viewer, policy},
    events::{FieldChanges, NewEvent},
    service::{
        Error, Patch, Services, Transaction, UserError,
        error::refuse_stale,
        exist::{self, InputReferences},
        moment::moment,
        transaction::with_retries,
        validate::Checks,
    },
    store::{
        conversation as store,
        hold::find_to_change,
        link::{self, AgentsOfConversation, Link, TeamsOfConversation},
    },
};

#[derive(Clone, Debug)]
pub struct UpdateConversation {
    pub id: ConversationId,
    /// Version that the caller expects. If absent, any version.
    pub if_version: Option<i32>,
    pub fields: ConversationFields,
}

pub async fn update(
    services: &Services,
    viewer: &Viewer,
    input: UpdateConversation,
) -> Result<Written, Error> {
    policy::work(viewer)?;
    let mut checks = Checks::default();
    checks.kept(&input.fields.status, &["input", "status"]);
    check_time(
        services,
        input.fields.snoozed_until.as_set().copied(),
        &mut checks,
    );
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
    (id, if_version): (ConversationId, Option<i32>),
    fields: &ConversationFields,
) -> Result<Written, Error> {
    let mut transaction = Transaction::begin(services).await?;
    let found = find_to_change::<Entity>(transaction.writing(), &viewer.scope(), id).await?;
    let before = found.ok_or_else(|| UserError::no_such("conversation", &["id"]))?;
    refuse_stale(if_version, &before)?;
    let mut row = before.clone();
    let status = fields.status.clone().over_required(&row.status, row.status);
    let until = fields.snoozed_until.clone().over(&row.snoozed_until);
    // Only a snoozed conversation has a time: a new time without the status is an error, and a change of the
    // status removes an old time. A snoozed conversation must have a time.
    let until = match (status, &fields.snoozed_until) {
        (Status::Snoozed, _) if until.is_none() => return Err(no_time().into()),
        (Status::Snoozed, _) => until,
        (_, Patch::Set(_)) => return Err(not_snoozed().into()),
        _ => None,
    };
    let mut changes = fields.write(&mut row, "input")?;
    changes.set("status", &mut row.status, status);
    changes.set("snoozedUntil", &mut row.snoozed_until, until);
    hand_over(&transaction, viewer, &mut row, fields, &mut changes).await?;
    if !changes.is_empty() {
        row.updated_at = moment(services, &[&before]);
        row.version += 1;
        store::change(transaction.writing(), &before, row.clone()).await?;
        transaction.record(NewEvent::conversation_updated(&row, changes));
    }
    let written = |cursor| Written {
        conversation: row,
        customer_created: false,
        cursor,
    };
    let written = transaction.commit(viewer, written).await?;
    tell_if_snoozed(services, &written.conversation);
    Ok(written)
}

/// Assigns a conversation to a queue, to agents and to teams of its workspace.
async fn hand_over(
    transaction: &Transaction<'_>,
    viewer: &Viewer,
    row: &mut Model,
    fields: &ConversationFields,
    changes: &mut FieldChanges,
) -> Result<(), Error> {
    let workspace = row.workspace_id;
    let queue = InputReferences::one(fields.queue_id.as_set().copied(), "queue", &["input", "queueId"]);
    exist::require::<queue::Entity>(transaction, viewer, workspace, queue).await?;
    if fields.assignee_ids.is_given() {
        let after = fields.assignee_ids.clone().over(&None).unwrap_or_default();
        let wanted = InputReferences::listed(&after, "agent", &["input", "assigneeIds"]);
        // Agents that already have the conversation keep it, even if they are inactive.
        let before = link::ids::<AgentsOfConversation>(transaction.writing(), row.id.0).await?;
        exist::require_active(transaction, viewer, workspace, wanted, |id| {
            before.contains(&id.0)
        })
        .await?;
        replace::<AgentsOfConversation, _>(transaction, row.id, &before, &after).await?;
        changes.set(
            "assigneeIds",
            &mut before.into_iter().map(AgentId).collect(),
            after,
        );
    }
    if fields.team_ids.is_given() {
        let after = fields.team_ids.clone().over(&None).unwrap_or_default();
        let wanted = InputReferences::listed(&after, "team", &["input", "teamIds"]);
        exist::require::<team::Entity>(transaction, viewer, workspace, wanted).await?;
        let before = link::ids::<TeamsOfConversation>(transaction.writing(), row.id.0).await?;
        replace::<TeamsOfConversation, _>(transaction, row.id, &before, &after).await?;
        changes.set("teamIds", &mut before.into_iter().map(TeamId).collect(), after);
    }
    Ok(())
}

/// Writes a membership list of a conversation.
async fn replace<L: Link, I: Copy + Into<Uuid>>(
    transaction: &Transaction<'_>,
    id: ConversationId,
    before: &[Uuid],
    after: &[I],
) -> Result<(), Error> {
    let after: Vec<Uuid> = after.iter().map(|id| (*id).into()).collect();
    link::replace::<L>(transaction.writing(), id.0, before, &after).await?;
    Ok(())
}
