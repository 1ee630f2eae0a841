//! Changes of existing customers by an import, and values of rows that belong to erased customers.

use std::collections::BTreeSet;

use entity::{customer, external_reference::Kind};
use uuid::Uuid;

use super::{
    ImportCustomer, Outcome, Source,
    customers::{BatchCustomers, applied},
    erased::{Erased, erased_address},
    memory::Field,
    references::References,
};
use crate::{
    events::FieldChanges,
    service::{
        Services, UserError,
        customer::{CustomerFields, each_cleared},
        erasure::ExternalIdentifier,
    },
};

/// Change of an existing customer, with the names of the locally edited fields.
pub(super) enum Change {
    Unchanged(Vec<String>),
    Updated(Box<customer::Model>, FieldChanges, Vec<String>),
}

/// Writes fields into a customer, except locally edited ones, and records the reported values.
pub(super) fn change(
    services: &Services,
    source: &Source<'_>,
    references: &mut References<'_>,
    row: &ImportCustomer,
    fields: &mut CustomerFields,
    before: &customer::Model,
    told: &mut Vec<UserError>,
) -> Result<Change, Outcome> {
    each_cleared(&mut fields.custom_fields, &before.custom_fields.0);
    let (mut after, mut changes) = applied(source, fields, before, told)?;
    let known = told_of(fields, before, &after);
    let standing = references.take(&row.external_id, before.id.0, before.version, &known);
    if !standing.is_empty() {
        for name in &standing {
            fields.keep(name);
        }
        (after, changes) = applied(source, fields, before, told)?;
    }
    if changes.is_empty() {
        return Ok(Change::Unchanged(standing));
    }
    let told = row.updated_at.unwrap_or_else(|| services.clock.now());
    after.updated_at = told.max(before.updated_at);
    after.version += 1;
    Ok(Change::Updated(Box::new(after), changes, standing))
}

/// Returns the fields that a row sets, with the stored and the reported values.
pub(super) fn told_of(fields: &CustomerFields, here: &customer::Model, told: &customer::Model) -> Vec<Field> {
    let field = |((name, here), (_, told))| Field { name, here, told };
    fields
        .recorded(here)
        .into_iter()
        .zip(fields.recorded(told))
        .map(field)
        .collect()
}

/// Returns the customers that were changed since their creation and for which a row reports a field for the
/// first time.
pub(super) fn undecided(
    rows: &[ImportCustomer],
    held: &BatchCustomers,
    references: &References<'_>,
) -> BTreeSet<Uuid> {
    let mut undecided = BTreeSet::new();
    for row in rows {
        let by_reference = references.get(&row.external_id).map(Into::into);
        let found = held.holders(&row.fields).into_iter().map(|(id, _)| id);
        for one in found.chain(by_reference).filter_map(|id| held.by_id(id)) {
            let names = row.fields.recorded(one);
            let names = names.iter().map(|(name, _)| name.as_ref());
            if one.version > 1 && references.lacks(&row.external_id, names) {
                undecided.insert(one.id.0);
            }
        }
    }
    undecided
}

/// Returns the traces by which the customer of a row can be an erased one.
pub(super) fn traces(source: &Source<'_>, row: &ImportCustomer) -> Vec<ExternalIdentifier> {
    let fields = &row.fields;
    let emails = fields
        .given_emails()
        .map(|(email, _)| ExternalIdentifier::Email(email.to_owned()));
    let phones = fields
        .given_phones()
        .map(|(phone, _)| ExternalIdentifier::Phone(phone.to_owned()));
    let own = fields.external_id.as_set().cloned();
    let own = own.map(|id| ExternalIdentifier::OwnId(Kind::Customer, id));
    let reference = source.trace(Kind::Customer, &row.external_id);
    [reference]
        .into_iter()
        .chain(emails)
        .chain(phones)
        .chain(own)
        .collect()
}

/// Returns an error for each value that belongs to an erased customer. A value that an existing customer has
/// is not reported: that customer got it by other means than imports.
pub(super) fn refused(
    erased: &mut Erased<'_>,
    held: &BatchCustomers,
    fields: &CustomerFields,
    existing: Option<&customer::Model>,
) -> Vec<UserError> {
    let mut refused = Vec::new();
    let mut note = |path: &[&str]| refused.push(erased_address(path));
    for (email, path) in fields.given_emails() {
        if held.by_email(email).is_none() && erased.refuses(&ExternalIdentifier::Email(email.to_owned())) {
            note(&path.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
    for (phone, path) in fields.given_phones() {
        let is_own = existing.is_some_and(|row| row.phones.0.iter().any(|one| one.phone == phone));
        if !is_own && erased.refuses(&ExternalIdentifier::Phone(phone.to_owned())) {
            note(&path.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
    if let Some(id) = fields.external_id.as_set() {
        let is_own = held.by_own_id(id).is_some();
        if !is_own && erased.refuses(&ExternalIdentifier::OwnId(Kind::Customer, id.clone())) {
            note(&["externalId"]);
        }
    }
    refused
}

/// Returns the field that shows that a row belongs to an erased customer. `None` for other rows. A phone
/// number counts only for a row without an address, because several customers can share a number.
pub(super) fn is_erased(
    strangers: &[UserError],
    fields: &CustomerFields,
    is_here: bool,
) -> Option<&'static str> {
    let names = |field: &str| {
        strangers
            .iter()
            .any(|error| error.path.first().is_some_and(|part| part == field))
    };
    if is_here {
        return None;
    }
    let alone = !fields.has_email();
    let fields = [
        ("email", true),
        ("emails", true),
        ("externalId", true),
        ("phone", alone),
        ("phones", alone),
    ];
    fields
        .into_iter()
        .find(|(field, counts)| *counts && names(field))
        .map(|(field, _)| field)
}
