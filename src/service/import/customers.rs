//! Import of customers.

use std::collections::HashMap;

use entity::{CustomerId, Timestamp, customer, external_reference::Kind};
use uuid::Uuid;

use super::{
    Outcome, Source,
    customer_changes::{Change, change, is_erased, refused, told_of, traces, undecided},
    erased::Erased,
    left_out, mistakes,
    references::References,
};
use crate::{
    events::{FieldChanges, NewEvent},
    service::{
        Error, Patch, Services, Transaction, UserError,
        customer::{CustomerFields, blank, has_address},
        validate::{Checks, EXTERNAL_ID_MAX},
    },
    store::{
        self,
        customer::{CustomerKeys, address_keys},
        filter::email_key,
    },
};

/// Customer of another system.
#[derive(Clone, Debug)]
pub struct ImportCustomer {
    /// Id in the other system.
    pub external_id: String,
    pub fields: CustomerFields,
    /// Time of creation in the other system.
    pub created_at: Option<Timestamp>,
    /// Time of the last change in the other system.
    pub updated_at: Option<Timestamp>,
}

/// Customers of a batch as they will be written, by id, by folded address and by external id.
#[derive(Default)]
pub(super) struct BatchCustomers {
    rows: HashMap<CustomerId, customer::Model>,
    by_email: HashMap<String, CustomerId>,
    by_external_id: HashMap<String, CustomerId>,
    made: Vec<CustomerId>,
}

impl BatchCustomers {
    /// Reads the requested customers and locks their rows until the transaction ends.
    pub(super) async fn read(
        transaction: &Transaction<'_>,
        source: &Source<'_>,
        wanted: CustomerKeys,
    ) -> Result<Self, Error> {
        let (writing, workspace) = (transaction.writing(), source.workspace);
        let found = store::customer::find_many_to_change_unscoped(writing, workspace, wanted).await?;
        let mut held = Self::default();
        for row in found {
            held.keep(row);
        }
        Ok(held)
    }

    pub(super) fn keep(&mut self, row: customer::Model) {
        let id = row.id;
        let keys = address_keys(&row);
        let external_id = row.external_id.clone();
        // Released addresses and ids are free for the next rows.
        if let Some(before) = self.rows.insert(id, row) {
            for key in address_keys(&before) {
                self.by_email.remove(&key);
            }
            if let Some(before) = before.external_id {
                self.by_external_id.remove(&before);
            }
        }
        self.by_email.extend(keys.into_iter().map(|key| (key, id)));
        self.by_external_id.extend(external_id.map(|key| (key, id)));
    }

    fn ids(&self) -> impl Iterator<Item = Uuid> {
        self.rows.keys().map(|id| id.0)
    }

    /// Returns the customers that have the unique values of these fields, each with an error at the path of
    /// the value.
    pub(super) fn holders(&self, fields: &CustomerFields) -> Vec<(CustomerId, UserError)> {
        let by_email = fields.given_emails().filter_map(|(email, path)| {
            let id = *self.by_email.get(&email_key(email))?;
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            Some((id, UserError::email_taken(&id, &path)))
        });
        let external_id = fields.external_id.as_set();
        let by_external_id = external_id
            .and_then(|external_id| self.by_external_id.get(external_id))
            .map(|id| (*id, UserError::external_id_taken("customer", id, &["externalId"])));
        by_email.chain(by_external_id).collect()
    }

    pub(super) fn by_id(&self, id: CustomerId) -> Option<&customer::Model> {
        self.rows.get(&id)
    }

    pub(super) fn by_email(&self, email: &str) -> Option<&customer::Model> {
        self.by_email
            .get(&email_key(email))
            .and_then(|id| self.rows.get(id))
    }

    pub(super) fn by_own_id(&self, id: &str) -> Option<CustomerId> {
        self.by_external_id.get(id).copied()
    }

    /// Adds a new customer.
    pub(super) fn make(&mut self, transaction: &mut Transaction<'_>, row: customer::Model) {
        transaction.record(NewEvent::customer_created(&row));
        self.made.push(row.id);
        self.keep(row);
    }

    pub(super) async fn insert_made(&self, transaction: &Transaction<'_>) -> Result<(), Error> {
        let rows = self
            .made
            .iter()
            .filter_map(|id| self.rows.get(id))
            .cloned()
            .collect();
        Ok(store::customer::insert_many(transaction.writing(), rows).await?)
    }
}

pub(super) async fn once(
    services: &Services,
    source: &Source<'_>,
    rows: &[ImportCustomer],
) -> Result<Vec<Outcome>, Error> {
    let mut transaction = Transaction::begin_alone(services).await?;
    let ids = rows.iter().map(|row| row.external_id.clone());
    let mut references = References::read(&transaction, source, Kind::Customer, ids).await?;
    let wanted = wanted(rows, references.objects().map(CustomerId));
    let mut held = BatchCustomers::read(&transaction, source, wanted).await?;
    // A customer that was deleted since the look-up has its erasure marks by now.
    references.retain(|id| held.by_id(CustomerId(id)).is_some());
    let traces = rows.iter().flat_map(|row| traces(source, row));
    let mut erased = Erased::read(&transaction, source, traces).await?;
    let mut named = source.named(&transaction, Kind::Customer, held.ids()).await?;
    let undecided = undecided(rows, &held, &references);
    references.read_edits(&transaction, undecided).await?;
    let mut changed: Vec<(customer::Model, customer::Model)> = Vec::new();
    let mut outcomes = Vec::with_capacity(rows.len());

    for row in rows {
        let mut told = Vec::new();
        let mut fields = match checked(source, row, &mut told) {
            Ok(fields) => fields,
            Err(failed) => {
                outcomes.push(failed);
                continue;
            }
        };
        let by_reference = references.get(&row.external_id).map(CustomerId);
        let other_name = |one: CustomerId| named.get(&one.0).is_some_and(|id| *id != row.external_id);
        let mut existing = by_reference;
        let mut taken = Vec::new();
        for (id, error) in held.holders(&fields) {
            // The value belongs to another customer than the one already found, so the row is ambiguous.
            if existing.map_or_else(|| other_name(id), |one| one != id) {
                taken.push(error);
            } else {
                existing = Some(id);
            }
        }
        if !taken.is_empty() {
            if source.strict || !leave_out(&mut fields, &taken) {
                outcomes.push(Outcome::Failed(taken));
                continue;
            }
            told.extend(taken.into_iter().map(left_out));
        }
        if by_reference.is_none() && erased.refuses(&source.trace(Kind::Customer, &row.external_id)) {
            outcomes.push(Outcome::Erased("id"));
            continue;
        }
        let existing = existing.and_then(|id| held.by_id(id)).cloned();
        let strangers = refused(&mut erased, &held, &fields, existing.as_ref());
        if let Some(field) = is_erased(&strangers, &fields, existing.is_some()) {
            outcomes.push(Outcome::Erased(field));
            continue;
        }
        leave_out(&mut fields, &strangers);
        told.extend(strangers.into_iter().map(left_out));
        let (customer, outcome) = if let Some(before) = existing {
            let known = &mut references;
            match change(services, source, known, row, &mut fields, &before, &mut told) {
                Ok(Change::Unchanged(standing)) => (before, Outcome::Unchanged.beside(standing)),
                Ok(Change::Updated(after, changes, standing)) => {
                    transaction.record(NewEvent::customer_updated(&after, changes));
                    changed.push((before, *after.clone()));
                    held.keep(*after.clone());
                    (*after, Outcome::Updated.beside(standing))
                }
                Err(failed) => {
                    outcomes.push(failed);
                    continue;
                }
            }
        } else {
            let customer = match new(services, source, row, &mut fields, &mut told) {
                Ok(customer) => customer,
                Err(failed) => {
                    outcomes.push(failed);
                    continue;
                }
            };
            references.note(&row.external_id, &told_of(&fields, &customer, &customer));
            held.make(&mut transaction, customer.clone());
            (customer, Outcome::Created)
        };
        if references.point(&row.external_id, customer.id.0) {
            named.insert(customer.id.0, row.external_id.clone());
        }
        outcomes.push(outcome.but_for(told));
    }

    // In the order of the rows: a customer releases an address before another takes it.
    let changed = changed
        .into_iter()
        .filter(|(row, _)| !held.made.contains(&row.id));
    for (before, after) in changed {
        store::customer::update(transaction.writing(), &before, after).await?;
    }
    held.insert_made(&transaction).await?;
    references.write(&transaction).await?;
    erased.write(&transaction).await?;
    transaction.commit_rows(source.viewer).await?;
    Ok(outcomes)
}

/// Returns references to all customers that rows can concern.
fn wanted(rows: &[ImportCustomer], ids: impl Iterator<Item = CustomerId>) -> CustomerKeys {
    let emails = rows.iter().flat_map(|row| row.fields.given_emails());
    let external_ids = rows.iter().filter_map(|row| row.fields.external_id.as_set());
    CustomerKeys {
        external_ids: external_ids.cloned().collect(),
        ..CustomerKeys::of(ids, emails.map(|(email, _)| email_key(email)))
    }
}

/// Returns the fields with their values in their stored form. Values that cannot be stored are left out and
/// reported. With a strict source, the row fails.
fn checked(
    source: &Source<'_>,
    row: &ImportCustomer,
    told: &mut Vec<UserError>,
) -> Result<CustomerFields, Outcome> {
    let mut given = row.fields.clone();
    loop {
        let mut checks = Checks::default();
        checks.required(&row.external_id, EXTERNAL_ID_MAX, &["id"]);
        let fields = given.clone().checked(source.viewer, &mut checks, "");
        match mistakes(checks) {
            Ok(()) => return Ok(fields),
            Err(Outcome::Failed(errors)) if !source.strict && leave_out(&mut given, &errors) => {
                told.extend(errors.into_iter().map(left_out));
            }
            Err(failed) => return Err(failed),
        }
    }
}

/// Removes all invalid values. Returns false if the row requires one of them.
fn leave_out(fields: &mut CustomerFields, errors: &[UserError]) -> bool {
    // Backwards, so that positions in lists remain valid.
    errors.iter().rev().all(|error| fields.leave_out(&error.path))
}

/// Returns the customer with these fields, as far as it can hold them.
pub(super) fn applied(
    source: &Source<'_>,
    fields: &mut CustomerFields,
    before: &customer::Model,
    told: &mut Vec<UserError>,
) -> Result<(customer::Model, FieldChanges), Outcome> {
    leave_others(fields, before);
    loop {
        let mut after = before.clone();
        match fields.clone().apply(&mut after, "") {
            Ok(changes) => return Ok((after, changes)),
            Err(error) if !source.strict && fields.leave_out(&error.path) => told.push(left_out(error)),
            Err(error) => return Err(Outcome::Failed(vec![error])),
        }
    }
}

/// Removes a single address that the customer already has as a secondary one. A source with one address per
/// customer can report another one than the primary, which is known from a source with several. It does not
/// replace the primary address.
fn leave_others(fields: &mut CustomerFields, before: &customer::Model) {
    let email = fields.email.as_set().map(|email| email_key(email));
    if email.is_some_and(|key| key != before.email_key && has_address(before, &key)) {
        fields.email = Patch::Keep;
    }
    let phone = fields.phone.as_set();
    let others = before.phones.0.iter().filter(|one| !one.primary);
    if others.map(|one| &one.phone).any(|other| Some(other) == phone) {
        fields.phone = Patch::Keep;
    }
}

fn new(
    services: &Services,
    source: &Source<'_>,
    row: &ImportCustomer,
    fields: &mut CustomerFields,
    told: &mut Vec<UserError>,
) -> Result<customer::Model, Outcome> {
    let now = services.clock.now();
    let customer = blank(
        services.clock.id(),
        source.workspace,
        row.created_at.unwrap_or(now),
    );
    let (mut customer, _) = applied(source, fields, &customer, told)?;
    customer.updated_at = row.updated_at.max(Some(customer.created_at)).unwrap_or(now);
    Ok(customer)
}

/// Builds a customer from the address and optional name of a ticket.
pub(super) fn from_ticket(
    services: &Services,
    source: &Source<'_>,
    email: &str,
    name: Option<&str>,
    created_at: Timestamp,
) -> Result<customer::Model, UserError> {
    let mut customer = blank(services.clock.id(), source.workspace, created_at);
    let fields = CustomerFields {
        email: Patch::Set(email.to_owned()),
        name: name.map(str::to_owned).into(),
        ..CustomerFields::default()
    };
    fields.apply(&mut customer, "")?;
    Ok(customer)
}
