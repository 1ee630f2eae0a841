//! Import of tickets. Each gets a conversation of its own.

use std::collections::{BTreeSet, HashMap};

use entity::{
    AgentId, CustomerId, Timestamp, conversation, customer,
    external_reference::Kind,
    ticket::{Entity, Model, Priority, Status},
};

use super::{
    Outcome, Source, assignees,
    customers::{BatchCustomers, from_ticket},
    erased::{Erased, erased_address},
    left_out, mistakes,
    references::References,
    ticket_fields::{is_erased, names, resolved_at, told, told_of, traces, without_erased},
};
use crate::{
    events::{FieldChanges, NewEvent},
    service::{
        Error, Patch, Services, Transaction, UserError, UserErrorCode,
        conversation::open,
        ticket::blank,
        validate::{Checks, EXTERNAL_ID_MAX, LINE_MAX, SUBJECT_MAX, WORD_MAX},
    },
    store::{
        self,
        customer::CustomerKeys,
        filter::{email_key, fold},
        hold::find_many_to_change_unscoped,
    },
};

/// Ticket of another system.
#[derive(Clone, Debug)]
pub struct ImportTicket {
    /// Id in the other system.
    pub external_id: String,
    /// Subject. If absent, a new ticket gets a placeholder and an existing one remains unchanged.
    pub subject: Option<String>,
    /// Status. If absent, a new ticket is open and an existing one remains unchanged.
    pub status: Option<Status>,
    /// Priority. If absent, a new ticket is medium and an existing one remains unchanged.
    pub priority: Option<Priority>,
    /// Id of the customer in the other system, if known.
    pub customer_external_id: Option<String>,
    /// Email address of the customer. Required unless the id of the customer is known.
    pub customer_email: Option<String>,
    pub customer_name: Option<String>,
    /// Origin of the ticket.
    pub source: String,
    /// Assigned agent: an address or an id of the other system.
    pub assigned_to: Patch<String>,
    pub resolution_type: Patch<String>,
    pub tags: Patch<Vec<String>>,
    pub created_at: Option<Timestamp>,
    pub updated_at: Option<Timestamp>,
    /// Time of resolution. If absent, the time of the last change.
    pub resolved_at: Option<Timestamp>,
}

/// Placeholder for a missing subject.
pub const NO_SUBJECT: &str = "(no subject)";

pub(super) async fn once(
    services: &Services,
    source: &Source<'_>,
    rows: &[ImportTicket],
) -> Result<Vec<Outcome>, Error> {
    let mut transaction = Transaction::begin_alone(services).await?;
    let ids = rows.iter().map(|row| row.external_id.clone());
    let mut references = References::read(&transaction, source, Kind::Ticket, ids).await?;
    let owners = rows.iter().filter_map(|row| row.customer_external_id.clone());
    let owners = source.known(&transaction, Kind::Customer, owners).await?;
    // Invalid rows create no agents.
    let checked: Vec<Result<(), Outcome>> = rows.iter().map(check).collect();
    let usable = rows.iter().zip(&checked).filter(|(_, fine)| fine.is_ok());
    let assigned = usable.filter_map(|(row, _)| row.assigned_to.as_set().map(String::as_str));
    let agents = assignees::find_or_make(services, &transaction, source, assigned).await?;
    let ids: Vec<_> = references.objects().collect();
    let existing = find_many_to_change_unscoped::<Entity>(transaction.writing(), &ids).await?;
    let existing: HashMap<_, _> = existing.into_iter().map(|row| (row.id.0, row)).collect();
    let emails = rows
        .iter()
        .filter_map(|row| row.customer_email.as_deref())
        .map(email_key);
    let mut held = BatchCustomers::read(
        &transaction,
        source,
        CustomerKeys::of(
            owners
                .values()
                .map(|id| CustomerId(*id))
                .chain(existing.values().map(|ticket| ticket.customer_id)),
            emails,
        ),
    )
    .await?;

    // A ticket that was deleted since the look-up has its erasure marks by now.
    references.retain(|id| existing.contains_key(&id));
    let traces = rows.iter().flat_map(|row| traces(source, row));
    let mut erased = Erased::read(&transaction, source, traces).await?;
    let undecided = existing.values().filter(|ticket| ticket.version > 1);
    let undecided: BTreeSet<_> = undecided.map(|ticket| ticket.id.0).collect();
    let lacking = rows
        .iter()
        .filter(|row| references.lacks(&row.external_id, names(row)));
    let lacking = lacking.filter_map(|row| references.get(&row.external_id));
    let undecided = lacking.filter(|id| undecided.contains(id)).collect();
    references.read_edits(&transaction, undecided).await?;

    let mut batch = Batch::new(references);
    let mut outcomes = Vec::with_capacity(rows.len());
    for (row, fine) in rows.iter().zip(checked) {
        if let Err(failed) = fine {
            outcomes.push(failed);
            continue;
        }
        let assigned = match &row.assigned_to {
            Patch::Set(reference) => agents.get(reference).copied().map_or(Patch::Keep, Patch::Set),
            Patch::Clear => Patch::Clear,
            Patch::Keep => Patch::Keep,
        };
        if let Some(id) = batch.references.get(&row.external_id) {
            let change = |before| batch.change(&mut transaction, services, before, row, assigned);
            outcomes.push(existing.get(&id).map_or(Outcome::Unchanged, change));
            continue;
        }
        let owner = row.customer_external_id.as_ref().and_then(|id| owners.get(id));
        let owner = owner.and_then(|id| held.by_id(CustomerId(*id)));
        if let Some(field) = is_erased(source, &mut erased, &held, row, owner.is_some()) {
            outcomes.push(Outcome::Erased(field));
            continue;
        }
        let bare = owner.and_then(|_| without_erased(&mut erased, &held, row));
        let told = bare
            .iter()
            .map(|_| left_out(erased_address(&["customerEmail"])))
            .collect();
        let row = bare.as_ref().unwrap_or(row);
        let owner = owner.or_else(|| held.by_email(row.customer_email.as_deref()?));
        let owner = if let Some(owner) = owner.cloned() {
            owner
        } else {
            let Some(email) = &row.customer_email else {
                let message = "No customer with this id was imported, and the record has no email address.";
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
        batch.references.point(&row.external_id, ticket);
        outcomes.push(Outcome::Created.but_for(told));
    }
    held.insert_made(&transaction).await?;
    batch.write(&transaction).await?;
    erased.write(&transaction).await?;
    transaction.commit_rows(source.viewer).await?;
    Ok(outcomes)
}

fn check(row: &ImportTicket) -> Result<(), Outcome> {
    let mut checks = Checks::default();
    checks.required(&row.external_id, EXTERNAL_ID_MAX, &["id"]);
    if let Some(subject) = &row.subject {
        checks.required(subject, SUBJECT_MAX, &["subject"]);
    }
    if let Some(email) = &row.customer_email {
        checks.email(email, &["customerEmail"]);
    }
    checks.line(row.customer_name.clone().into(), LINE_MAX, &["customerName"]);
    checks.required(&row.source, WORD_MAX, &["source"]);
    checks.line(row.assigned_to.clone(), LINE_MAX, &["assignedTo"]);
    checks.line(row.resolution_type.clone(), WORD_MAX, &["resolutionType"]);
    if let Some(tags) = row.tags.as_set() {
        checks.tags(tags.clone(), &["tags"]);
    }
    if row
        .resolved_at
        .zip(row.created_at)
        .is_some_and(|(resolved, created)| resolved < created)
    {
        let message = "The timestamp is before createdAt.";
        checks.add(UserError::new(UserErrorCode::Invalid, message, &["resolvedAt"]));
    }
    mistakes(checks)
}

/// Writes of one transaction.
struct Batch<'a> {
    conversations: Vec<conversation::Model>,
    tickets: Vec<Model>,
    changed: Vec<Model>,
    references: References<'a>,
    /// Sorted, so that two writers lock the rows in one order.
    recounted: BTreeSet<CustomerId>,
}

impl<'a> Batch<'a> {
    fn new(references: References<'a>) -> Self {
        Self {
            conversations: Vec::new(),
            tickets: Vec::new(),
            changed: Vec::new(),
            references,
            recounted: BTreeSet::new(),
        }
    }

    fn make(
        &mut self,
        transaction: &mut Transaction<'_>,
        services: &Services,
        owner: &customer::Model,
        row: &ImportTicket,
        assigned_to: Patch<AgentId>,
    ) -> uuid::Uuid {
        let created_at = row.created_at.unwrap_or_else(|| services.clock.now());
        let subject = row.subject.clone().unwrap_or_else(|| NO_SUBJECT.to_owned());
        let conversation = open(
            services,
            owner.workspace_id,
            owner.id,
            Some(subject.clone()),
            &row.source,
            created_at,
        );
        let mut checks = Checks::default();
        let place = (owner.workspace_id, owner.id, conversation.id);
        let ticket = Model {
            subject_key: fold(&subject),
            subject,
            status: row.status.unwrap_or(Status::Open),
            priority: row.priority.unwrap_or_default(),
            customer_email: row
                .customer_email
                .clone()
                .or_else(|| owner.email.clone())
                .unwrap_or_default(),
            customer_name: row.customer_name.clone().or_else(|| owner.name.clone()),
            source: row.source.clone(),
            assigned_to: assigned_to.over(&None),
            resolution_type: row.resolution_type.clone().over(&None),
            tags: checks.tags(row.tags.as_set().cloned().unwrap_or_default(), &["tags"]),
            resolved_at: resolved_at(row, row.status.unwrap_or(Status::Open), created_at),
            updated_at: row.updated_at.unwrap_or(created_at).max(created_at),
            ..blank(services, place, created_at)
        };
        transaction.record(NewEvent::conversation_created(&conversation));
        transaction.record(NewEvent::ticket_created(&ticket));
        self.recounted.insert(owner.id);
        self.references
            .note(&row.external_id, &told_of(row, &ticket, &ticket));
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
        assigned_to: Patch<AgentId>,
    ) -> Outcome {
        let theirs = told(before, row, assigned_to);
        let fields = told_of(row, before, &theirs);
        let standing = self
            .references
            .take(&row.external_id, before.id.0, before.version, &fields);
        let mut after = before.clone();
        let mut changes = FieldChanges::default();
        let is_taken = |name: &str| !standing.iter().any(|other| other == name);
        if is_taken("subject") {
            changes.set("subject", &mut after.subject, theirs.subject);
        }
        if is_taken("status") {
            if !before.status.is_open() && theirs.status.is_open() {
                after.reopened_count += 1;
            }
            changes.set("status", &mut after.status, theirs.status);
            // The status and the time of resolution change together.
            changes.set("resolvedAt", &mut after.resolved_at, theirs.resolved_at);
        }
        if is_taken("priority") {
            changes.set("priority", &mut after.priority, theirs.priority);
        }
        if is_taken("assignedTo") {
            changes.set("assignedTo", &mut after.assigned_to, theirs.assigned_to);
        }
        if is_taken("resolutionType") {
            let resolution_type = theirs.resolution_type;
            changes.set("resolutionType", &mut after.resolution_type, resolution_type);
        }
        if is_taken("tags") {
            changes.set("tags", &mut after.tags, theirs.tags);
        }
        if changes.is_empty() {
            return Outcome::Unchanged.beside(standing);
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
        Outcome::Updated.beside(standing)
    }

    async fn write(self, transaction: &Transaction<'_>) -> Result<(), Error> {
        let writing = transaction.writing();
        store::conversation::insert_many(writing, self.conversations).await?;
        store::ticket::insert_many(writing, self.tickets).await?;
        for row in self.changed {
            store::ticket::update(writing, row).await?;
        }
        self.references.write(transaction).await?;
        let recounted: Vec<_> = self.recounted.into_iter().collect();
        Ok(store::customer::recount_tickets(writing, &recounted).await?)
    }
}
