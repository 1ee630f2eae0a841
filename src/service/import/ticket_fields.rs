//! Fields that a source reports of a ticket, and those that belong to an erased customer.

use entity::{
    AgentId, Timestamp,
    external_reference::Kind,
    ticket::{Model, Status},
};

use super::{ImportTicket, Source, customers::BatchCustomers, erased::Erased, memory::Field};
use crate::{
    events::Recorded,
    service::{
        Patch,
        erasure::ExternalIdentifier,
        validate::{Checks, WORD_MAX},
    },
};

/// Returns the traces by which a ticket can belong to an erased customer.
pub(super) fn traces(source: &Source<'_>, row: &ImportTicket) -> Vec<ExternalIdentifier> {
    let customer = row.customer_external_id.as_deref();
    let customer = customer.map(|id| source.trace(Kind::Customer, id));
    let email = row.customer_email.clone().map(ExternalIdentifier::Email);
    let ticket = source.trace(Kind::Ticket, &row.external_id);
    [ticket].into_iter().chain(customer).chain(email).collect()
}

/// Returns the field that shows that a new ticket belongs to an erased customer. `None` for other tickets.
pub(super) fn is_erased(
    source: &Source<'_>,
    erased: &mut Erased<'_>,
    held: &BatchCustomers,
    row: &ImportTicket,
    owner_is_here: bool,
) -> Option<&'static str> {
    if erased.refuses(&source.trace(Kind::Ticket, &row.external_id)) {
        return Some("id");
    }
    let customer = row.customer_external_id.as_deref().filter(|_| !owner_is_here);
    if customer.is_some_and(|id| erased.refuses(&source.trace(Kind::Customer, id))) {
        return Some("customerId");
    }
    (!owner_is_here && has_erased_address(erased, held, row)).then_some("customerEmail")
}

/// Returns a new ticket of an existing customer without the address and name of an erased one. `None` if it
/// has no such address.
pub(super) fn without_erased(
    erased: &mut Erased<'_>,
    held: &BatchCustomers,
    row: &ImportTicket,
) -> Option<ImportTicket> {
    has_erased_address(erased, held, row).then(|| ImportTicket {
        customer_email: None,
        customer_name: None,
        ..row.clone()
    })
}

fn has_erased_address(erased: &mut Erased<'_>, held: &BatchCustomers, row: &ImportTicket) -> bool {
    let email = row
        .customer_email
        .as_ref()
        .filter(|email| held.by_email(email).is_none());
    email.is_some_and(|email| erased.refuses(&ExternalIdentifier::Email(email.clone())))
}

/// Returns the ticket with the reported values.
pub(super) fn told(before: &Model, row: &ImportTicket, assigned_to: Patch<AgentId>) -> Model {
    let mut checks = Checks::default();
    let resolution_type = checks.line(row.resolution_type.clone(), WORD_MAX, &["resolutionType"]);
    let status = row.status.unwrap_or(before.status);
    let tags = row.tags.clone().over_required(&before.tags.0, Vec::new());
    Model {
        subject: row.subject.clone().unwrap_or_else(|| before.subject.clone()),
        status,
        priority: row.priority.unwrap_or(before.priority),
        assigned_to: assigned_to.over(&before.assigned_to),
        resolution_type: resolution_type.over(&before.resolution_type),
        tags: checks.tags(tags, &["tags"]),
        resolved_at: resolved_at(row, status, before.created_at),
        ..before.clone()
    }
}

/// Returns the names of the fields that a row sets.
pub(super) fn names(row: &ImportTicket) -> impl Iterator<Item = &'static str> {
    let told = [
        ("subject", row.subject.is_some()),
        ("assignedTo", row.assigned_to.is_given()),
        ("resolutionType", row.resolution_type.is_given()),
        ("tags", row.tags.is_given()),
        ("status", row.status.is_some()),
        ("priority", row.priority.is_some()),
    ];
    told.into_iter()
        .filter(|(_, is_told)| *is_told)
        .map(|(name, _)| name)
}

/// Returns the fields that a row sets, with the stored and the reported values.
pub(super) fn told_of(row: &ImportTicket, here: &Model, told: &Model) -> Vec<Field> {
    let recorded = |name: &'static str, of: &Model| match name {
        "subject" => of.subject.recorded(),
        "status" => of.status.recorded(),
        "priority" => of.priority.recorded(),
        "assignedTo" => of.assigned_to.recorded(),
        "resolutionType" => of.resolution_type.recorded(),
        _ => of.tags.recorded(),
    };
    let field = |name| Field::new(name, recorded(name, here), recorded(name, told));
    names(row).map(field).collect()
}

/// Returns the time at which a ticket was resolved. `None` for an unresolved ticket.
pub(super) fn resolved_at(row: &ImportTicket, status: Status, created_at: Timestamp) -> Option<Timestamp> {
    let told = row
        .resolved_at
        .or(row.updated_at)
        .unwrap_or(created_at)
        .max(created_at);
    (!status.is_open()).then_some(told)
}
