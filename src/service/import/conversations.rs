//! Import of conversations. Each belongs to a customer that was imported before.

mod sleep;

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap, HashSet},
};

use entity::{ConversationId, CustomerId, conversation::Model, external_reference::Kind};
use uuid::Uuid;

use super::{
    Outcome, Source,
    assignments::Assignments,
    conversation_fields::{ImportConversation, apply, keep, name_in_row, told_of, traces, wakes},
    erased::Erased,
    left_out, mistakes,
    references::References,
};
use crate::{
    events::NewEvent,
    service::{
        Error, Patch, Services, Transaction, UserError, UserErrorCode,
        conversation::open,
        customer::each_cleared,
        erasure::ExternalIdentifier,
        exist::LIST_MAX,
        ticket::DEFAULT_SOURCE,
        validate::{Checks, EXTERNAL_ID_MAX, LINE_MAX, WORD_MAX},
    },
    store::{self, customer::CustomerKeys},
};

pub(super) async fn once(
    services: &Services,
    source: &Source<'_>,
    rows: &[ImportConversation],
) -> Result<Vec<Outcome>, Error> {
    let transaction = Transaction::begin_alone(services).await?;
    let ids = rows.iter().map(|row| row.external_id.clone());
    let mut references = References::read(&transaction, source, Kind::Conversation, ids).await?;
    // Locks rows in the order of single writes: conversations, then customers. The membership lists are read
    // afterwards, when no other writer can change them.
    let own = rows.iter().filter_map(|row| row.own_id.as_set().cloned());
    let ids: Vec<_> = references.objects().collect();
    let (writing, workspace) = (transaction.writing(), source.workspace);
    let found = store::conversation::find_many_to_change_unscoped(writing, workspace, &ids, own).await?;
    let customers = customers(&transaction, source, rows).await?;
    // A conversation that was deleted since the look-up has its erasure marks by now.
    let there: HashSet<Uuid> = found.iter().map(|row| row.id.0).collect();
    references.retain(|id| there.contains(&id));
    let traces = rows.iter().flat_map(|row| traces(source, row));
    let mut erased = Erased::read(&transaction, source, traces).await?;
    let here = |row: &ImportConversation| references.get(&row.external_id).is_some();
    let checked: Vec<Result<CheckedRow, Outcome>> = rows
        .iter()
        .map(|row| checked(row, &customers, &mut erased, source, here(row)))
        .collect();
    // Invalid rows create no agents, teams or queues.
    let usable = usable(&checked);
    let assignments = Assignments::read(services, &transaction, source, &usable, &references).await?;
    let mut held = BatchConversations::default();
    for row in found {
        held.keep(row);
    }
    let undecided = undecided(&usable, &held, &references);
    references.read_edits(&transaction, undecided).await?;
    let mut batch = Batch {
        services,
        source,
        transaction,
        references,
        assignments,
        erased,
        held,
        made: Vec::new(),
        changed: Vec::new(),
    };
    let outcomes = checked
        .into_iter()
        .map(|checked| checked.and_then(|checked| batch.take(checked)))
        .map(|outcome| outcome.unwrap_or_else(|failed| failed))
        .collect();
    batch.write().await?;
    Ok(outcomes)
}

/// Returns the existing customers to which rows refer and locks their rows until the transaction ends, so
/// that none of them is deleted while its conversations are created.
async fn customers(
    transaction: &Transaction<'_>,
    source: &Source<'_>,
    rows: &[ImportConversation],
) -> Result<HashMap<String, Uuid>, Error> {
    let named = rows.iter().map(|row| row.customer.clone());
    let mut known = source.known(transaction, Kind::Customer, named).await?;
    let wanted = CustomerKeys::of(known.values().map(|id| CustomerId(*id)), []);
    let held = store::customer::find_many_to_change_unscoped(transaction.writing(), source.workspace, wanted)
        .await?;
    let held: HashSet<Uuid> = held.into_iter().map(|row| row.id.0).collect();
    known.retain(|_, id| held.contains(id));
    Ok(known)
}

fn usable(checked: &[Result<CheckedRow, Outcome>]) -> Vec<&ImportConversation> {
    checked.iter().flatten().map(|checked| &checked.row).collect()
}

/// Returns the conversations that were changed since their creation and for which a row reports a field for
/// the first time.
fn undecided(
    rows: &[&ImportConversation],
    held: &BatchConversations,
    references: &References<'_>,
) -> BTreeSet<Uuid> {
    let one = |row: &&ImportConversation| {
        let id = references.get(&row.external_id)?;
        let here = held
            .rows
            .get(&ConversationId(id))
            .filter(|here| here.version > 1)?;
        let fields = told_of(row, here, here);
        let names = fields.iter().map(|field| field.name.as_ref());
        let lists = [
            ("assigneeIds", row.agents.is_given()),
            ("teamIds", row.teams.is_given()),
        ];
        let lists = lists
            .into_iter()
            .filter(|(_, given)| *given)
            .map(|(name, _)| name);
        references
            .lacks(&row.external_id, names.chain(lists))
            .then_some(id)
    };
    rows.iter().filter_map(one).collect()
}

/// Row with its values in their stored form, and its customer.
struct CheckedRow {
    row: ImportConversation,
    customer: CustomerId,
}

/// Conversations as they will be written, and the owners of the ids in the caller's system.
#[derive(Default)]
struct BatchConversations {
    rows: HashMap<ConversationId, Model>,
    by_own_id: HashMap<String, ConversationId>,
}

impl BatchConversations {
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
    references: References<'a>,
    assignments: Assignments,
    erased: Erased<'a>,
    held: BatchConversations,
    made: Vec<ConversationId>,
    changed: Vec<ConversationId>,
}

impl Batch<'_> {
    /// Applies a row to the batch. Values that cannot be stored are left out and reported. With a strict
    /// source, the row fails.
    fn take(&mut self, checked: CheckedRow) -> Result<Outcome, Outcome> {
        let CheckedRow { mut row, customer } = checked;
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

    fn try_to_take(&mut self, row: &ImportConversation, customer: CustomerId) -> Result<Outcome, Outcome> {
        let before = self
            .references
            .get(&row.external_id)
            .and_then(|id| self.held.rows.get(&ConversationId(id)))
            .cloned();
        let id = before.as_ref().map(|before| before.id);
        if let Patch::Set(own_id) = &row.own_id
            && let Some(other) = self.held.by_own_id.get(own_id)
            && Some(*other) != id
        {
            return Err(refused(UserError::external_id_taken(
                "conversation",
                other,
                &["externalId"],
            )));
        }
        match before {
            Some(before) if before.customer_id != customer => {
                let message = "The conversation already belongs to another customer, and its customer cannot be changed.";
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
        let mut told = told_of(row, &made, &made);
        told.extend(self.assignments.told_of(row, made.id));
        self.references.note(&row.external_id, &told);
        made.updated_at = row.updated_at.unwrap_or(created_at).max(created_at);
        self.transaction.record(NewEvent::conversation_created(&made));
        self.references.point(&row.external_id, made.id.0);
        self.made.push(made.id);
        self.held.keep(made);
        Ok(Outcome::Created)
    }

    fn change(&mut self, before: &Model, row: &ImportConversation) -> Result<Outcome, Outcome> {
        let (row, standing) = self.standing(before, row).map_err(refused)?;
        let mut after = before.clone();
        let mut changes = apply(&mut after, &row).map_err(refused)?;
        self.assignments
            .apply(&mut after, &row, &mut changes)
            .map_err(refused)?;
        if changes.is_empty() {
            return Ok(Outcome::Unchanged.beside(standing));
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
        Ok(Outcome::Updated.beside(standing))
    }

    /// Returns the row without the locally edited fields, and the names of these fields. Records the reported
    /// values.
    fn standing<'r>(
        &mut self,
        before: &Model,
        row: &'r ImportConversation,
    ) -> Result<(Cow<'r, ImportConversation>, Vec<String>), UserError> {
        let mut row = Cow::Borrowed(row);
        if row.custom_fields == Patch::Clear {
            each_cleared(&mut row.to_mut().custom_fields, &before.custom_fields.0);
        }
        let mut theirs = before.clone();
        apply(&mut theirs, &row)?;
        theirs.queue_id = self.assignments.queue(&row)?.over(&before.queue_id);
        let mut fields = told_of(&row, before, &theirs);
        fields.extend(self.assignments.told_of(&row, before.id));
        let woke = wakes(&self.references, &row, before);
        let mut standing = self
            .references
            .take(&row.external_id, before.id.0, before.version, &fields);
        standing.retain(|name| !(woke && matches!(name.as_str(), "status" | "snoozedUntil")));
        for name in &standing {
            keep(row.to_mut(), name);
        }
        Ok((row, standing.into_iter().map(name_in_row).collect()))
    }

    async fn write(mut self) -> Result<(), Error> {
        let writing = self.transaction.writing();
        let rows = &mut self.held.rows;
        // Conversations release ids in the caller's system before others take them.
        let mut changed = Vec::new();
        for row in self.changed.iter().filter_map(|id| rows.remove(id)) {
            changed.push(row.id.0);
            store::conversation::update(writing, row).await?;
        }
        store::inbox::replace(writing, &changed).await?;
        let made = self.made.iter().filter_map(|id| rows.remove(id)).collect();
        store::conversation::insert_many(writing, made).await?;
        self.references.write(&self.transaction).await?;
        self.erased.write(&self.transaction).await?;
        self.assignments.write(&self.transaction).await?;
        self.transaction.commit_rows(self.source.viewer).await?;
        Ok(())
    }
}

fn refused(error: UserError) -> Outcome {
    Outcome::Failed(vec![error])
}

/// Removes an invalid value from a row. Returns false if the row requires it.
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

/// Returns the row with its values in their stored form, or its errors.
fn checked(
    row: &ImportConversation,
    customers: &HashMap<String, Uuid>,
    erased: &mut Erased<'_>,
    source: &Source<'_>,
    is_here: bool,
) -> Result<CheckedRow, Outcome> {
    let mut checks = Checks::default();
    checks.required(&row.external_id, EXTERNAL_ID_MAX, &["id"]);
    checks.required(&row.customer, EXTERNAL_ID_MAX, &["customer"]);
    if let Some(channel) = &row.channel {
        checks.required(channel, WORD_MAX, &["channel"]);
    }
    for (field, list) in [("assignedUsers", &row.agents), ("assignedTeams", &row.teams)] {
        let list = list.as_set().map(Vec::as_slice).unwrap_or_default();
        if list.len() > LIST_MAX {
            let message = format!("The list has {} ids; the maximum is {LIST_MAX}.", list.len());
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
    let own = row.own_id.as_set().cloned();
    let own = own.map(|id| ExternalIdentifier::OwnId(Kind::Conversation, id));
    if customer.is_none() && erased.refuses(&source.trace(Kind::Customer, &row.customer)) {
        return Err(Outcome::Erased("customer"));
    }
    if !is_here
        && (erased.refuses(&source.trace(Kind::Conversation, &row.external_id))
            || own.is_some_and(|own| erased.refuses(&own)))
    {
        return Err(Outcome::Erased("id"));
    }
    if customer.is_none() {
        let message = "No customer with this id was imported.";
        checks.add(UserError::not_found(message, &["customer"]));
    }
    mistakes(checks)?;
    let customer = customer.ok_or(Outcome::Unchanged)?;
    Ok(CheckedRow { row, customer })
}
