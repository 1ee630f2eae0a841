//! Fields that a source reports of a conversation, and the traces by which it can belong to an erased
//! customer.

use entity::{
    Tags, Timestamp,
    conversation::{Model, Status},
    external_reference::Kind,
};
use serde_json::{Map, Value};

use super::{Source, memory::Field, references::References};
use crate::{
    events::{FieldChanges, Recorded},
    service::{
        Patch, UserError,
        custom_fields::merged,
        customer::{keep_own, own_recorded},
        erasure::ExternalIdentifier,
    },
};

/// Conversation of another system.
#[derive(Clone, Debug)]
pub struct ImportConversation {
    /// Id in the other system.
    pub external_id: String,
    /// Id of the customer in the other system.
    pub customer: String,
    pub name: Patch<String>,
    /// Channel through which the customer writes. `api` for a new conversation without a channel.
    pub channel: Option<String>,
    /// Status. Open for a new conversation without a status.
    pub status: Option<Status>,
    /// Time when a snoozed conversation opens again.
    pub snoozed_until: Option<Timestamp>,
    pub tags: Patch<Vec<String>>,
    /// Custom fields, merged key by key.
    pub custom_fields: Patch<Map<String, Value>>,
    /// Id in the caller's system.
    pub own_id: Patch<String>,
    /// Ids of the assigned agents in the other system.
    pub agents: Patch<Vec<String>>,
    /// Ids of the assigned teams in the other system.
    pub teams: Patch<Vec<String>>,
    /// Id of the queue in the other system.
    pub queue: Patch<String>,
    pub created_at: Option<Timestamp>,
    pub updated_at: Option<Timestamp>,
}

/// Returns the fields that a row sets, with the stored and the reported values, without agents and teams.
pub(super) fn told_of(row: &ImportConversation, here: &Model, told: &Model) -> Vec<Field> {
    let own = own_recorded(&row.custom_fields, &here.custom_fields.0)
        .into_iter()
        .zip(own_recorded(&row.custom_fields, &told.custom_fields.0));
    let mut fields: Vec<Field> = own
        .map(|((name, here), (_, told))| Field { name, here, told })
        .collect();
    let mut note = |name, is_told: bool, here: &dyn Recorded, told: &dyn Recorded| {
        if is_told {
            fields.push(Field::new(name, here.recorded(), told.recorded()));
        }
    };
    note("name", row.name.is_given(), &here.name, &told.name);
    note("channel", row.channel.is_some(), &here.channel, &told.channel);
    note("status", row.status.is_some(), &here.status, &told.status);
    let snoozed = row.snoozed_until.is_some();
    note("snoozedUntil", snoozed, &here.snoozed_until, &told.snoozed_until);
    note("tags", row.tags.is_given(), &here.tags, &told.tags);
    note(
        "externalId",
        row.own_id.is_given(),
        &here.external_id,
        &told.external_id,
    );
    note("queueId", row.queue.is_given(), &here.queue_id, &told.queue_id);
    fields
}

/// Removes a field from a row, so that the stored value remains.
pub(super) fn keep(row: &mut ImportConversation, name: &str) {
    match name {
        "name" => row.name = Patch::Keep,
        "channel" => row.channel = None,
        "status" => row.status = None,
        "snoozedUntil" => row.snoozed_until = None,
        "tags" => row.tags = Patch::Keep,
        "externalId" => row.own_id = Patch::Keep,
        "queueId" => row.queue = Patch::Keep,
        "assigneeIds" => row.agents = Patch::Keep,
        "teamIds" => row.teams = Patch::Keep,
        name => keep_own(&mut row.custom_fields, name),
    }
}

/// Converts a field name of the change log into the name in a row.
pub(super) fn name_in_row(name: String) -> String {
    match name.as_str() {
        "assigneeIds" => "assignedUsers".to_owned(),
        "teamIds" => "assignedTeams".to_owned(),
        "queueId" => "queue".to_owned(),
        _ => name,
    }
}

/// Whether a conversation that the source reported as snoozed is open now and the source has since changed
/// its report. Snoozed conversations also open by the passing of time, so this is not a local edit.
pub(super) fn wakes(references: &References<'_>, row: &ImportConversation, before: &Model) -> bool {
    let slept = references.was_told(&row.external_id, "status", &Status::Snoozed.recorded());
    let sleeps_anew = || {
        let until = row.snoozed_until.recorded();
        row.snoozed_until.is_some() && !references.was_told(&row.external_id, "snoozedUntil", &until)
    };
    slept
        && before.status == Status::Open
        && row
            .status
            .is_some_and(|status| status != Status::Snoozed || sleeps_anew())
}

/// Returns the traces by which a conversation can belong to an erased customer.
pub(super) fn traces(source: &Source<'_>, row: &ImportConversation) -> Vec<ExternalIdentifier> {
    let own = row.own_id.as_set().cloned();
    let own = own.map(|id| ExternalIdentifier::OwnId(Kind::Conversation, id));
    let ids = [
        source.trace(Kind::Conversation, &row.external_id),
        source.trace(Kind::Customer, &row.customer),
    ];
    ids.into_iter().chain(own).collect()
}

/// Writes the reported fields into a conversation and returns the changes.
pub(super) fn apply(row: &mut Model, told: &ImportConversation) -> Result<FieldChanges, UserError> {
    let mut changes = FieldChanges::default();
    let custom_fields = merged(&row.custom_fields, told.custom_fields.clone(), &["customFields"])?;
    changes.set_custom_fields(&mut row.custom_fields, custom_fields);
    let name = told.name.clone().over(&row.name);
    changes.set("name", &mut row.name, name);
    if let Some(channel) = &told.channel {
        changes.set("channel", &mut row.channel, channel.clone());
    }
    let status = told.status.unwrap_or(row.status);
    changes.set("status", &mut row.status, status);
    // Only a snoozed conversation has a time.
    let until = told.snoozed_until.or(row.snoozed_until);
    let until = until.filter(|_| status == Status::Snoozed);
    changes.set("snoozedUntil", &mut row.snoozed_until, until);
    let tags = told.tags.clone().over_required(&row.tags.0, Vec::new());
    changes.set("tags", &mut row.tags, Tags(tags));
    let own_id = told.own_id.clone().over(&row.external_id);
    changes.set("externalId", &mut row.external_id, own_id);
    Ok(changes)
}
