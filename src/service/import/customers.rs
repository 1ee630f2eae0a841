//! Customers of another system.

use std::collections::HashMap;

use entity::{CustomerId, Timestamp, customer, external_reference::Kind};
use uuid::Uuid;

use super::{BATCH_TRIES, Outcome, Source, mistakes};
use crate::{
    events::NewEvent,
    service::{
        Error, Patch, Services, Transaction, UserError,
        customer::{CustomerFields, blank},
        transaction::with_tries,
        validate::{Checks, EXTERNAL_ID_MAX},
    },
    store::{self, filter::fold},
};

/// A customer of another system.
#[derive(Clone, Debug)]
pub struct ImportCustomer {
    /// Its id there.
    pub external_id: String,
    /// What is known of it.
    pub fields: CustomerFields,
    /// When it was made there.
    pub created_at: Option<Timestamp>,
    /// When it last changed there.
    pub updated_at: Option<Timestamp>,
}

/// The customers of one batch as they will be, by id and by folded address.
#[derive(Default)]
pub(super) struct Held {
    rows: HashMap<CustomerId, customer::Model>,
    by_email: HashMap<String, CustomerId>,
    made: Vec<CustomerId>,
}

impl Held {
    /// Those with these ids and addresses, held until the transaction ends.
    pub(super) async fn read(
        transaction: &Transaction<'_>,
        source: &Source<'_>,
        ids: impl IntoIterator<Item = CustomerId>,
        emails: impl IntoIterator<Item = String>,
    ) -> Result<Self, Error> {
        let (writing, workspace) = (transaction.writing(), source.workspace);
        let ids: Vec<CustomerId> = ids.into_iter().collect();
        let emails: Vec<String> = emails.into_iter().filter(|email| !email.is_empty()).collect();
        let found = store::customer::find_many_to_change_unscoped(writing, workspace, &ids, &emails).await?;
        let mut held = Self::default();
        for row in found {
            held.keep(row);
        }
        Ok(held)
    }

    pub(super) fn keep(&mut self, row: customer::Model) {
        let (id, key) = (row.id, row.email_key.clone());
        // An address that was given up is free for the next.
        if let Some(before) = self.rows.insert(id, row)
            && before.email_key != key
        {
            self.by_email.remove(&before.email_key);
        }
        if !key.is_empty() {
            self.by_email.insert(key, id);
        }
    }

    fn ids(&self) -> impl Iterator<Item = Uuid> {
        self.rows.keys().map(|id| id.0)
    }

    pub(super) fn by_id(&self, id: CustomerId) -> Option<&customer::Model> {
        self.rows.get(&id)
    }

    pub(super) fn by_email(&self, email: &str) -> Option<&customer::Model> {
        self.by_email.get(&fold(email)).and_then(|id| self.rows.get(id))
    }

    /// Adds one that is new.
    pub(super) fn make(&mut self, transaction: &mut Transaction<'_>, row: customer::Model) {
        transaction.record(NewEvent::customer_created(&row));
        self.made.push(row.id);
        self.keep(row);
    }

    /// Writes those that are new.
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

/// Brings customers in.
pub async fn customers(
    services: &Services,
    source: &Source<'_>,
    rows: &[ImportCustomer],
) -> Result<Vec<Outcome>, Error> {
    with_tries(BATCH_TRIES, || once(services, source, rows)).await
}

async fn once(
    services: &Services,
    source: &Source<'_>,
    rows: &[ImportCustomer],
) -> Result<Vec<Outcome>, Error> {
    let mut transaction = Transaction::begin(services).await?;
    let mut known = source
        .known(
            &transaction,
            Kind::Customer,
            rows.iter().map(|row| row.external_id.clone()),
        )
        .await?;
    let emails = rows
        .iter()
        .filter_map(|row| row.fields.email.as_set())
        .map(|email| fold(email));
    let ids = known.values().map(|id| CustomerId(*id)).collect::<Vec<_>>();
    let mut held = Held::read(&transaction, source, ids, emails).await?;
    let mut named = source.named(&transaction, Kind::Customer, held.ids()).await?;
    let mut references = Vec::new();
    let mut changed: Vec<customer::Model> = Vec::new();
    let mut outcomes = Vec::with_capacity(rows.len());

    for row in rows {
        let mut checks = Checks::default();
        checks.required(&row.external_id, EXTERNAL_ID_MAX, &["id"]);
        let fields = row.fields.clone().checked(source.viewer, &mut checks, "");
        if let Err(failed) = mistakes(checks) {
            outcomes.push(failed);
            continue;
        }
        let by_reference = known
            .get(&row.external_id)
            .and_then(|id| held.by_id(CustomerId(*id)));
        let by_email = fields.email.as_set().and_then(|email| held.by_email(email));
        let other_name =
            |one: &customer::Model| named.get(&one.id.0).is_some_and(|id| *id != row.external_id);
        let existing = match (by_reference, by_email) {
            // Another customer there has the address: which of them is meant here cannot be told.
            (one, Some(other)) if one.map_or_else(|| other_name(other), |one| one.id != other.id) => {
                outcomes.push(Outcome::Failed(vec![UserError::email_taken(
                    &other.id,
                    &["email"],
                )]));
                continue;
            }
            (one, other) => one.or(other).cloned(),
        };
        let (customer, outcome) = if let Some(before) = existing {
            let mut after = before.clone();
            let changes = fields.apply(&mut after);
            if changes.is_empty() {
                (before, Outcome::Unchanged)
            } else {
                let told = row.updated_at.unwrap_or_else(|| services.clock.now());
                after.updated_at = told.max(before.updated_at);
                after.version += 1;
                transaction.record(NewEvent::customer_updated(&after, changes));
                changed.push(after.clone());
                held.keep(after.clone());
                (after, Outcome::Updated)
            }
        } else {
            let customer = new(services, source, row, fields);
            held.make(&mut transaction, customer.clone());
            (customer, Outcome::Created)
        };
        if !known.contains_key(&row.external_id) {
            references.push(source.reference(Kind::Customer, &row.external_id, customer.id.0));
            known.insert(row.external_id.clone(), customer.id.0);
            named.insert(customer.id.0, row.external_id.clone());
        }
        outcomes.push(outcome);
    }

    // In the order of the lines: an address is given up before another takes it.
    for row in changed.into_iter().filter(|row| !held.made.contains(&row.id)) {
        store::customer::update(transaction.writing(), row).await?;
    }
    held.insert_made(&transaction).await?;
    store::external_reference::insert_many(transaction.writing(), references).await?;
    transaction.commit(source.viewer).await?;
    Ok(outcomes)
}

fn new(
    services: &Services,
    source: &Source<'_>,
    row: &ImportCustomer,
    fields: CustomerFields,
) -> customer::Model {
    let now = services.clock.now();
    let mut customer = blank(
        services.clock.id(),
        source.workspace,
        row.created_at.unwrap_or(now),
    );
    fields.apply(&mut customer);
    customer.updated_at = row.updated_at.unwrap_or(customer.created_at);
    customer
}

/// A customer of whom a ticket tells the address and perhaps the name.
pub(super) fn from_ticket(
    services: &Services,
    source: &Source<'_>,
    email: &str,
    name: Option<&str>,
    created_at: Timestamp,
) -> customer::Model {
    let mut customer = blank(services.clock.id(), source.workspace, created_at);
    let fields = CustomerFields {
        email: Patch::Set(email.to_owned()),
        name: name.map(str::to_owned).into(),
        ..CustomerFields::default()
    };
    fields.apply(&mut customer);
    customer
}
