//! Conversations of another system, each with a customer that was brought in before.

use std::collections::{HashMap, HashSet};

use entity::{
    ConversationId, CustomerId, Tags, Timestamp,
    conversation::{Model, Status},
    external_reference::Kind,
};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{BATCH_TRIES, Outcome, Source, assignments::Assignments, left_out, mistakes};
use crate::{
    events::{FieldChanges, NewEvent},
    service::{
        Error, Patch, Services, Transaction, UserError, UserErrorCode,
        conversation::open,
        custom_fields::merged,
        exist::LIST_MAX,
        ticket::DEFAULT_SOURCE,
        transaction::with_tries,
        validate::{Checks, EXTERNAL_ID_MAX, LINE_MAX, WORD_MAX},
    },
    store::{self, customer::Wanted},
};

/// A conversation of another system.
#[derive(Clone, Debug)]
pub struct ImportConversation {
    /// Its id there.
    pub external_id: String,
    /// The id of its customer there.
    pub customer: String,
    /// Short name.
    pub name: Patch<String>,
    /// How the customer writes; `api` for a new one when it is not told.
    pub channel: Option<String>,
    /// Where it stands; open for a new one when it is not told.
    pub status: Option<Status>,
    /// Until when it sleeps, if it does.
    pub snoozed_until: Option<Timestamp>,
    /// Labels.
    pub tags: Patch<Vec<String>>,
    /// Fields of the team's own, merged key by key.
    pub custom_fields: Patch<Map<String, Value>>,
    /// The id that the team itself gave it.
    pub own_id: Patch<String>,
    /// Ids there of the agents who have it.
    pub agents: Patch<Vec<String>>,
    /// Ids there of the teams that have it.
    pub teams: Patch<Vec<String>>,
    /// Id there of the queue where it waits.
    pub queue: Patch<String>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
}

/// Brings conversations in.
pub async fn conversations(
    services: &Services,
    source: &Source<'_>,
    rows: &[ImportConversation],
) -> Result<Vec<Outcome>, Error> {
    with_tries(services, BATCH_TRIES, || once(services, source, rows)).await
}

async fn once(
    services: &Services,
    source: &Source<'_>,
    rows: &[ImportConversation],
) -> Result<Vec<Outcome>, Error> {
    let transaction = Transaction::begin_alone(services).await?;
    let ids = rows.iter().map(|row| row.external_id.clone());
    let known = source.known(&transaction, Kind::Conversation, ids).await?;
    // In the order in which a single write takes them: conversations, then customers. Whoever has which conversation is
    // read behind that, when nobody else can change it.
    let own = rows.iter().filter_map(|row| row.own_id.as_set().cloned());
    let ids: Vec<_> = known.values().copied().collect();
    let (writing, workspace) = (transaction.writing(), source.workspace);
    let found = store::conversation::find_many_to_change_unscoped(writing, workspace, &ids, own).await?;
    let customers = customers(&transaction, source, rows).await?;
    let checked: Vec<Result<Checked, Outcome>> = rows.iter().map(|row| checked(row, &customers)).collect();
    // A line that cannot be used makes no agent, team or queue.
    let usable = usable(&checked);
    let assignments = Assignments::read(services, &transaction, source, &usable, &known).await?;
    let mut batch = Batch {
        services,
        source,
        transaction,
        known,
        assignments,
        held: Held::default(),
        made: Vec::new(),
        changed: Vec::new(),
        references: Vec::new(),
    };
    for row in found {
        batch.held.keep(row);
    }
    let outcomes = checked
        .into_iter()
        .map(|checked| checked.and_then(|checked| batch.take(checked)))
        .map(|outcome| outcome.unwrap_or_else(|failed| failed))
        .collect();
    batch.write().await?;
    Ok(outcomes)
}

/// The customers that rows name and that are there, held until the transaction ends: none of them can be deleted while
/// conversations with it are made.
async fn customers(
    transaction: &Transaction<'_>,
    source: &Source<'_>,
    rows: &[ImportConversation],
) -> Result<HashMap<String, Uuid>, Error> {
    let named = rows.iter().map(|row| row.customer.clone());
    let mut known = source.known(transaction, Kind::Customer, named).await?;
    let wanted = Wanted::of(known.values().map(|id| CustomerId(*id)), []);
    let held = store::customer::find_many_to_change_unscoped(transaction.writing(), source.workspace, wanted)
        .await?;
    let held: HashSet<Uuid> = held.into_iter().map(|row| row.id.0).collect();
    known.retain(|_, id| held.contains(id));
    Ok(known)
}

fn usable(checked: &[Result<Checked, Outcome>]) -> Vec<&ImportConversation> {
    checked.iter().flatten().map(|checked| &checked.row).collect()
}

/// A row in the form that is kept, and its customer here.
struct Checked {
    row: ImportConversation,
    customer: CustomerId,
}

/// Conversations as they will be, and who has which id of the team's own.
#[derive(Default)]
struct Held {
    rows: HashMap<ConversationId, Model>,
    by_own_id: HashMap<String, ConversationId>,
}

impl Held {
    fn keep(&mut self, row: Model) {
        let (id, own_id) = (row.id, row.external_id.clone());
        if let Some(given_up) = self.rows.insert(id, row).and_then(|before| before.external_id) {
            self.by_own_id.remove(&given_up);
        }
        self.by_own_id.extend(own_id.map(|own_id| (own_id, id)));
    }
}

struct Batch<'a> {
    services: &'a Services,
    source: &'a Source<'a>,
    transaction: Transaction<'a>,
    known: HashMap<String, uuid::Uuid>,
    assignments: Assignments,
    held: Held,
    made: Vec<ConversationId>,
    changed: Vec<ConversationId>,
    references: Vec<entity::external_reference::Model>,
}

impl Batch<'_> {
    /// Writes down what becomes of a row. What cannot be kept is left out and told, unless the source is strict.
    fn take(&mut self, checked: Checked) -> Result<Outcome, Outcome> {
        let Checked { mut row, customer } = checked;
        let mut told: Vec<UserError> = self.settle_sleep(&mut row)?.into_iter().collect();
        loop {
            match self.try_to_take(&row, customer) {
                Err(Outcome::Failed(errors))
                    if !self.source.strict && errors.iter().all(|error| leave_out(&mut row, error)) =>
                {
                    told.extend(errors.into_iter().map(left_out));
                }
                outcome => return outcome.map(|outcome| outcome.but_for(told)),
            }
        }
    }

    /// Opens a conversation that would sleep without a moment at which it wakes, and tells of it. One that is awake here stays
    /// so when the moment that is told has passed: it would be woken after each run.
    fn settle_sleep(&self, row: &mut ImportConversation) -> Result<Option<UserError>, Outcome> {
        if row.status != Some(Status::Snoozed) {
            return Ok(None);
        }
        let before = self.known.get(&row.external_id);
        let before = before.and_then(|id| self.held.rows.get(&ConversationId(*id)));
        let here = before.map(|before| before.status);
        match row.snoozed_until {
            Some(until)
                if until <= self.services.clock.now() && here.is_some_and(|here| here != Status::Snoozed) =>
            {
                (row.status, row.snoozed_until) = (None, None);
                return Ok(None);
            }
            Some(_) => return Ok(None),
            None if before.is_some_and(|before| before.snoozed_until.is_some()) => return Ok(None),
            None => {}
        }
        let message = "is snoozed without a time; the conversation is open here";
        let error = UserError::new(UserErrorCode::Required, message, &["snoozedUntil"]);
        if self.source.strict {
            return Err(refused(error));
        }
        row.status = Some(Status::Open);
        Ok(Some(error))
    }

    fn try_to_take(&mut self, row: &ImportConversation, customer: CustomerId) -> Result<Outcome, Outcome> {
        let before = self
            .known
            .get(&row.external_id)
            .and_then(|id| self.held.rows.get(&ConversationId(*id)))
            .cloned();
        let id = before.as_ref().map(|before| before.id);
        if let Patch::Set(own_id) = &row.own_id
            && let Some(other) = self.held.by_own_id.get(own_id)
            && Some(*other) != id
        {
            return Err(refused(UserError::external_id_taken(other, &["externalId"])));
        }
        match before {
            Some(before) if before.customer_id != customer => {
                let message = "The conversation belongs to another customer here, and cannot change hands.";
                let error = UserError::new(UserErrorCode::Invalid, message, &["customer"]);
                Err(refused(error))
            }
            Some(before) => self.change(&before, row),
            None => self.make(customer, row),
        }
    }

    fn make(&mut self, customer: CustomerId, row: &ImportConversation) -> Result<Outcome, Outcome> {
        let created_at = row.created_at.unwrap_or_else(|| self.services.clock.now());
        let channel = row.channel.as_deref().unwrap_or(DEFAULT_SOURCE);
        let workspace = self.source.workspace;
        let mut made = open(self.services, workspace, customer, None, channel, created_at);
        let mut changes = apply(&mut made, row).map_err(refused)?;
        self.assignments
            .apply(&mut made, row, &mut changes)
            .map_err(refused)?;
        made.updated_at = row.updated_at.unwrap_or(created_at).max(created_at);
        self.transaction.record(NewEvent::conversation_created(&made));
        let reference = self
            .source
            .reference(Kind::Conversation, &row.external_id, made.id.0);
        self.references.push(reference);
        self.known.insert(row.external_id.clone(), made.id.0);
        self.made.push(made.id);
        self.held.keep(made);
        Ok(Outcome::Created)
    }

    fn change(&mut self, before: &Model, row: &ImportConversation) -> Result<Outcome, Outcome> {
        let mut after = before.clone();
        let mut changes = apply(&mut after, row).map_err(refused)?;
        self.assignments
            .apply(&mut after, row, &mut changes)
            .map_err(refused)?;
        if changes.is_empty() {
            return Ok(Outcome::Unchanged);
        }
        let told = row.updated_at.unwrap_or_else(|| self.services.clock.now());
        after.updated_at = told.max(before.updated_at);
        after.version += 1;
        self.transaction
            .record(NewEvent::conversation_updated(&after, changes));
        if !self.made.contains(&after.id) && !self.changed.contains(&after.id) {
            self.changed.push(after.id);
        }
        self.held.keep(after);
        Ok(Outcome::Updated)
    }

    async fn write(mut self) -> Result<(), Error> {
        let writing = self.transaction.writing();
        let rows = &mut self.held.rows;
        // Ids of the team's own are given up before others take them.
        for row in self.changed.iter().filter_map(|id| rows.remove(id)) {
            store::conversation::update(writing, row).await?;
        }
        let made = self.made.iter().filter_map(|id| rows.remove(id)).collect();
        store::conversation::insert_many(writing, made).await?;
        store::external_reference::insert_many(writing, self.references).await?;
        self.assignments.write(&self.transaction).await?;
        self.transaction.commit_rows(self.source.viewer).await?;
        Ok(())
    }
}

fn refused(error: UserError) -> Outcome {
    Outcome::Failed(vec![error])
}

/// Takes out a value that is wrong; false where the row cannot do without it.
fn leave_out(row: &mut ImportConversation, error: &UserError) -> bool {
    match error
        .path
        .iter()
        .map(String::as_str)
        .find(|part| !part.is_empty())
    {
        Some("externalId") => std::mem::take(&mut row.own_id).is_given(),
        Some("customFields") => std::mem::take(&mut row.custom_fields).is_given(),
        Some("queue") => std::mem::take(&mut row.queue).is_given(),
        Some("assignedTeams") => std::mem::take(&mut row.teams).is_given(),
        _ => false,
    }
}

/// The row in the form that is kept, or what is wrong with it.
fn checked(row: &ImportConversation, customers: &HashMap<String, uuid::Uuid>) -> Result<Checked, Outcome> {
    let mut checks = Checks::default();
    checks.required(&row.external_id, EXTERNAL_ID_MAX, &["id"]);
    checks.required(&row.customer, EXTERNAL_ID_MAX, &["customer"]);
    if let Some(channel) = &row.channel {
        checks.required(channel, WORD_MAX, &["channel"]);
    }
    for (field, list) in [("assignedUsers", &row.agents), ("assignedTeams", &row.teams)] {
        let list = list.as_set().map(Vec::as_slice).unwrap_or_default();
        if list.len() > LIST_MAX {
            let message = format!("There are {} ids; {LIST_MAX} are allowed.", list.len());
            checks.add(UserError::new(UserErrorCode::TooLong, message, &[field]));
        }
        for id in list {
            checks.required(id, EXTERNAL_ID_MAX, &[field]);
        }
    }
    if let Patch::Set(id) = &row.queue {
        checks.required(id, EXTERNAL_ID_MAX, &["queue"]);
    }
    let row = ImportConversation {
        name: checks.line(row.name.clone(), LINE_MAX, &["name"]),
        tags: row.tags.clone().map(|tags| checks.tags(tags, &["tags"]).0),
        custom_fields: checks.custom_fields(row.custom_fields.clone(), &["customFields"]),
        own_id: checks.line(row.own_id.clone(), EXTERNAL_ID_MAX, &["externalId"]),
        ..row.clone()
    };
    let customer = customers.get(&row.customer).map(|id| CustomerId(*id));
    if customer.is_none() {
        let message = "No customer with this id was brought in.";
        checks.add(UserError::not_found(message, &["customer"]));
    }
    mistakes(checks)?;
    let customer = customer.ok_or(Outcome::Unchanged)?;
    Ok(Checked { row, customer })
}

/// Writes what is told into a conversation, and says what changed.
fn apply(row: &mut Model, told: &ImportConversation) -> Result<FieldChanges, UserError> {
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
    // Only a sleeping conversation wakes up.
    let until = told.snoozed_until.or(row.snoozed_until);
    let until = until.filter(|_| status == Status::Snoozed);
    changes.set("snoozedUntil", &mut row.snoozed_until, until);
    let tags = told.tags.clone().over_required(&row.tags.0, Vec::new());
    changes.set("tags", &mut row.tags, Tags(tags));
    let own_id = told.own_id.clone().over(&row.external_id);
    changes.set("externalId", &mut row.external_id, own_id);
    Ok(changes)
}
