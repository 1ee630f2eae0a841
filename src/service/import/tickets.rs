//! Tickets of another system, each with a conversation of its own.

use std::collections::{BTreeSet, HashMap};

use entity::{
    AgentId, CustomFields, CustomerId, Timestamp, conversation, customer,
    external_reference::Kind,
    ticket::{Model, Priority, Status},
};

use super::{
    BATCH_TRIES, Outcome, Source, agents,
    customers::{Held, from_ticket},
    mistakes,
};
use crate::{
    events::{FieldChanges, NewEvent},
    service::{
        Error, Patch, Services, Transaction, UserError, UserErrorCode,
        conversation::open,
        transaction::with_tries,
        validate::{Checks, EXTERNAL_ID_MAX, LINE_MAX, SUBJECT_MAX, WORD_MAX},
    },
    store::{
        self,
        customer::Wanted,
        filter::{email_key, fold},
    },
};

/// A ticket of another system.
#[derive(Clone, Debug)]
pub struct ImportTicket {
    /// Its id there.
    pub external_id: String,
    /// What it is about.
    pub subject: String,
    /// Where it stands. Without it, a new ticket is open, and one that is here stays as it is.
    pub status: Option<Status>,
    /// How urgent it is. Without it, a new ticket is of medium urgency, and one that is here stays as it is.
    pub priority: Option<Priority>,
    /// The customer's id there, when it is known.
    pub customer_external_id: Option<String>,
    /// The customer's address; without it, its id must be known.
    pub customer_email: Option<String>,
    /// The customer's name.
    pub customer_name: Option<String>,
    /// Where it came from.
    pub source: String,
    /// Who has it: an address, or an id of the other system.
    pub assigned_to: Option<String>,
    /// How it was resolved.
    pub resolution_type: Option<String>,
    /// Labels.
    pub tags: Vec<String>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
    /// When it was resolved; the last change stands for it when it is not told.
    pub resolved_at: Option<Timestamp>,
}

/// Brings tickets in.
pub async fn tickets(
    services: &Services,
    source: &Source<'_>,
    rows: &[ImportTicket],
) -> Result<Vec<Outcome>, Error> {
    with_tries(services, BATCH_TRIES, || once(services, source, rows)).await
}

async fn once(
    services: &Services,
    source: &Source<'_>,
    rows: &[ImportTicket],
) -> Result<Vec<Outcome>, Error> {
    let mut transaction = Transaction::begin_alone(services).await?;
    let mut known = source
        .known(
            &transaction,
            Kind::Ticket,
            rows.iter().map(|row| row.external_id.clone()),
        )
        .await?;
    let owners = rows.iter().filter_map(|row| row.customer_external_id.clone());
    let owners = source.known(&transaction, Kind::Customer, owners).await?;
    // A line that cannot be used makes no agent.
    let checked: Vec<Result<(), Outcome>> = rows.iter().map(check).collect();
    let usable = rows.iter().zip(&checked).filter(|(_, fine)| fine.is_ok());
    let assigned = usable.filter_map(|(row, _)| row.assigned_to.as_deref());
    let agents = agents::find_or_make(services, &transaction, source, assigned).await?;
    let ids: Vec<_> = known.values().copied().collect();
    let existing = store::ticket::find_many_to_change_unscoped(transaction.writing(), &ids).await?;
    let existing: HashMap<_, _> = existing.into_iter().map(|row| (row.id.0, row)).collect();
    let emails = rows
        .iter()
        .filter_map(|row| row.customer_email.as_deref())
        .map(email_key);
    let mut held = Held::read(
        &transaction,
        source,
        Wanted::of(
            owners
                .values()
                .map(|id| CustomerId(*id))
                .chain(existing.values().map(|ticket| ticket.customer_id)),
            emails,
        ),
    )
    .await?;

    let mut batch = Batch::default();
    let mut outcomes = Vec::with_capacity(rows.len());
    for (row, fine) in rows.iter().zip(checked) {
        if let Err(failed) = fine {
            outcomes.push(failed);
            continue;
        }
        let assigned = row
            .assigned_to
            .as_ref()
            .and_then(|reference| agents.get(reference))
            .copied();
        if let Some(id) = known.get(&row.external_id) {
            let change = |before| batch.change(&mut transaction, services, before, row, assigned);
            outcomes.push(existing.get(id).map_or(Outcome::Unchanged, change));
            continue;
        }
        let owner = row.customer_external_id.as_ref().and_then(|id| owners.get(id));
        let owner = owner
            .and_then(|id| held.by_id(CustomerId(*id)))
            .or_else(|| held.by_email(row.customer_email.as_deref()?));
        let owner = if let Some(owner) = owner.cloned() {
            owner
        } else {
            let Some(email) = &row.customer_email else {
                let message = "No customer with this id was brought in, and there is no address.";
                let error = UserError::not_found(message, &["customerId"]);
                outcomes.push(Outcome::Failed(vec![error]));
                continue;
            };
            let created_at = row.created_at.unwrap_or_else(|| services.clock.now());
            let name = row.customer_name.as_deref();
            let made = from_ticket(services, source, email, name, created_at)?;
            held.make(&mut transaction, made.clone());
            made
        };
        let ticket = batch.make(&mut transaction, services, &owner, row, assigned);
        known.insert(row.external_id.clone(), ticket);
        batch
            .references
            .push(source.reference(Kind::Ticket, &row.external_id, ticket));
        outcomes.push(Outcome::Created);
    }
    held.insert_made(&transaction).await?;
    batch.write(&transaction).await?;
    transaction.commit_rows(source.viewer).await?;
    Ok(outcomes)
}

fn check(row: &ImportTicket) -> Result<(), Outcome> {
    let mut checks = Checks::default();
    checks.required(&row.external_id, EXTERNAL_ID_MAX, &["id"]);
    checks.required(&row.subject, SUBJECT_MAX, &["subject"]);
    if let Some(email) = &row.customer_email {
        checks.email(email, &["customerEmail"]);
    }
    checks.line(row.customer_name.clone().into(), LINE_MAX, &["customerName"]);
    checks.required(&row.source, WORD_MAX, &["source"]);
    checks.line(row.assigned_to.clone().into(), LINE_MAX, &["assignedTo"]);
    checks.line(row.resolution_type.clone().into(), WORD_MAX, &["resolutionType"]);
    checks.tags(row.tags.clone(), &["tags"]);
    if row
        .resolved_at
        .zip(row.created_at)
        .is_some_and(|(resolved, created)| resolved < created)
    {
        let message = "A ticket cannot be resolved before it is made.";
        checks.add(UserError::new(UserErrorCode::Invalid, message, &["resolvedAt"]));
    }
    mistakes(checks)
}

/// What one transaction writes.
#[derive(Default)]
struct Batch {
    conversations: Vec<conversation::Model>,
    tickets: Vec<Model>,
    changed: Vec<Model>,
    references: Vec<entity::external_reference::Model>,
    /// Sorted, so that two writers take the rows in one order.
    recounted: BTreeSet<CustomerId>,
}

impl Batch {
    fn make(
        &mut self,
        transaction: &mut Transaction<'_>,
        services: &Services,
        owner: &customer::Model,
        row: &ImportTicket,
        assigned_to: Option<AgentId>,
    ) -> uuid::Uuid {
        let created_at = row.created_at.unwrap_or_else(|| services.clock.now());
        let subject = row.subject.clone();
        let conversation = open(
            services,
            owner.workspace_id,
            owner.id,
            Some(subject),
            &row.source,
            created_at,
        );
        let mut checks = Checks::default();
        let ticket = Model {
            id: services.clock.id(),
            workspace_id: owner.workspace_id,
            customer_id: owner.id,
            conversation_id: conversation.id,
            subject: row.subject.clone(),
            subject_key: fold(&row.subject),
            status: row.status.unwrap_or(Status::Open),
            priority: row.priority.unwrap_or(Priority::Medium),
            customer_email: row
                .customer_email
                .clone()
                .or_else(|| owner.email.clone())
                .unwrap_or_default(),
            customer_name: row.customer_name.clone().or_else(|| owner.name.clone()),
            source: row.source.clone(),
            assigned_to,
            team_id: None,
            queue_id: None,
            custom_fields: CustomFields::default(),
            resolution_type: row.resolution_type.clone(),
            tags: checks.tags(row.tags.clone(), &["tags"]),
            message_count: 0,
            last_message_at: None,
            resolved_at: resolved_at(row, row.status.unwrap_or(Status::Open), created_at),
            follow_up_of_id: None,
            created_at,
            updated_at: row.updated_at.unwrap_or(created_at).max(created_at),
            version: 1,
        };
        transaction.record(NewEvent::conversation_created(&conversation));
        transaction.record(NewEvent::ticket_created(&ticket));
        self.recounted.insert(owner.id);
        let id = ticket.id.0;
        self.conversations.push(conversation);
        self.tickets.push(ticket);
        id
    }

    fn change(
        &mut self,
        transaction: &mut Transaction<'_>,
        services: &Services,
        before: &Model,
        row: &ImportTicket,
        assigned_to: Option<AgentId>,
    ) -> Outcome {
        let mut after = before.clone();
        let mut changes = FieldChanges::default();
        let mut checks = Checks::default();
        let resolution_type = checks.line(row.resolution_type.clone().into(), WORD_MAX, &["resolutionType"]);
        changes.set("subject", &mut after.subject, row.subject.clone());
        let status = row.status.unwrap_or(before.status);
        changes.set("status", &mut after.status, status);
        let priority = row.priority.unwrap_or(before.priority);
        changes.set("priority", &mut after.priority, priority);
        changes.set("assignedTo", &mut after.assigned_to, assigned_to);
        changes.set(
            "resolutionType",
            &mut after.resolution_type,
            match resolution_type {
                Patch::Set(text) => Some(text),
                Patch::Keep | Patch::Clear => None,
            },
        );
        changes.set("tags", &mut after.tags, checks.tags(row.tags.clone(), &["tags"]));
        changes.set(
            "resolvedAt",
            &mut after.resolved_at,
            resolved_at(row, status, before.created_at),
        );
        if changes.is_empty() {
            return Outcome::Unchanged;
        }
        after.subject_key = fold(&after.subject);
        after.updated_at = row
            .updated_at
            .unwrap_or_else(|| services.clock.now())
            .max(before.updated_at);
        after.version += 1;
        transaction.record(NewEvent::ticket_updated(&after, changes));
        self.recounted.insert(after.customer_id);
        self.changed.push(after);
        Outcome::Updated
    }

    async fn write(self, transaction: &Transaction<'_>) -> Result<(), Error> {
        let writing = transaction.writing();
        store::conversation::insert_many(writing, self.conversations).await?;
        store::ticket::insert_many(writing, self.tickets).await?;
        for row in self.changed {
            store::ticket::update(writing, row).await?;
        }
        store::external_reference::insert_many(writing, self.references).await?;
        let recounted: Vec<_> = self.recounted.into_iter().collect();
        Ok(store::customer::recount_tickets(writing, &recounted).await?)
    }
}

/// When a ticket was resolved, if it is.
fn resolved_at(row: &ImportTicket, status: Status, created_at: Timestamp) -> Option<Timestamp> {
    let told = row
        .resolved_at
        .or(row.updated_at)
        .unwrap_or(created_at)
        .max(created_at);
    (!status.is_open()).then_some(told)
}
