//! Import of agents.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::{AgentId, agent, agent::Role, external_reference::Kind};

use super::{
    Outcome, Source,
    assignees::{by_email, is_stand_in, text_key, without_address},
    memory::Field,
    mistakes,
    references::References,
};
use crate::{
    service::{
        Error, Services, Transaction, UserError, UserErrorCode,
        agent::row,
        validate::{Checks, EXTERNAL_ID_MAX, LINE_MAX},
    },
    store::{self, filter::email_key, hold::find_many_to_change_unscoped},
    words::fold,
};

const NAME: &str = "name";
const ROLE: &str = "role";

/// An agent of another system. Found by its address, otherwise by its id, otherwise by the text in place of its
/// address.
#[derive(Clone, Debug)]
pub struct ImportAgent {
    /// Id in the other system, by which tickets can refer to the agent.
    pub external_id: Option<String>,
    pub name: String,
    /// Address. Without it, a new agent gets an address that ends in `.invalid`.
    pub email: Option<String>,
    /// The text that the other system has in place of an address, by which tickets may name the agent.
    pub known_as: Option<String>,
    /// Role of the agent. Without an address, a new agent is never an admin.
    pub role: Role,
}

pub(super) async fn once(
    services: &Services,
    source: &Source<'_>,
    rows: &[ImportAgent],
) -> Result<Vec<Outcome>, Error> {
    let transaction = Transaction::begin_alone(services).await?;
    let mut batch = Batch::read(services, &transaction, source, rows).await?;
    let outcomes = rows.iter().map(|row| match check(row) {
        Err(failed) => failed,
        Ok(()) => batch.take(row),
    });
    let outcomes = outcomes.collect();
    batch.write(&transaction).await?;
    transaction.commit_rows(source.viewer).await?;
    Ok(outcomes)
}

fn check(agent: &ImportAgent) -> Result<(), Outcome> {
    let mut checks = Checks::default();
    checks.text(
        agent.external_id.as_deref().unwrap_or_default(),
        EXTERNAL_ID_MAX,
        &["id"],
    );
    checks.required(&agent.name, LINE_MAX, &["name"]);
    if agent.email.is_some() || agent.external_id.is_none() {
        checks.email(agent.email.as_deref().unwrap_or_default(), &["email"]);
    }
    mistakes(checks)
}

/// The agents of a batch, before they are written.
struct Batch<'a> {
    services: &'a Services,
    source: &'a Source<'a>,
    references: References<'a>,
    by_address: HashMap<String, AgentId>,
    /// Rows of agents that a reference points to, locked, and of new agents.
    rows: HashMap<AgentId, agent::Model>,
    made: BTreeSet<AgentId>,
    changed: BTreeSet<AgentId>,
    /// Ids that the batch contains.
    ids: BTreeSet<&'a str>,
    /// Number of records for each text in place of an address.
    texts: HashMap<String, usize>,
    /// Texts in place of an address, by id.
    known_as: BTreeMap<&'a str, String>,
}

impl<'a> Batch<'a> {
    async fn read(
        services: &'a Services,
        transaction: &Transaction<'_>,
        source: &'a Source<'a>,
        given: &'a [ImportAgent],
    ) -> Result<Self, Error> {
        let emails = given.iter().filter_map(|row| row.email.as_deref());
        let by_address = by_email(transaction, source, emails).await?;
        let ids = given.iter().filter_map(|row| row.external_id.as_deref());
        let known_as = given.iter().filter_map(|row| row.known_as.as_deref());
        let mut texts = HashMap::new();
        for text in known_as.clone() {
            *texts.entry(text_key(text)).or_default() += 1;
        }
        let names = ids.clone().chain(known_as).map(str::to_owned);
        let names: BTreeSet<_> = names.chain(texts.keys().cloned()).collect();
        let mut references = References::read(transaction, source, Kind::Agent, names).await?;
        let agents: Vec<_> = references.objects().collect();
        let rows = find_many_to_change_unscoped::<agent::Entity>(transaction.writing(), &agents).await?;
        let rows: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
        references.retain(|object| rows.contains_key(&AgentId(object)));
        Ok(Self {
            services,
            source,
            references,
            by_address,
            rows,
            made: BTreeSet::new(),
            changed: BTreeSet::new(),
            ids: ids.collect(),
            texts,
            known_as: BTreeMap::new(),
        })
    }

    fn take(&mut self, given: &'a ImportAgent) -> Outcome {
        let (id, outcome) = match self.find(given) {
            Some(id) => (id, self.complete(id, given)),
            None => (self.make(given), Outcome::Created),
        };
        if let Some(external_id) = &given.external_id {
            self.references.point(external_id, id.0);
            if let Some(text) = &given.known_as {
                self.known_as.insert(external_id, text_key(text));
            }
        }
        let lacks_role =
            given.role == Role::Admin && self.stand_in(id).is_some_and(|agent| agent.role != Role::Admin);
        let dropped = lacks_role.then(|| {
            let message =
                "Only an agent with a usable address can be an admin. The role of the agent is not changed to admin.";
            UserError::new(UserErrorCode::Invalid, message, &["role"])
        });
        outcome.but_for(dropped.into_iter().collect())
    }

    /// Finds an agent by its address, by its id, or by the text in place of its address.
    fn find(&mut self, given: &ImportAgent) -> Option<AgentId> {
        let email = given.email.as_deref();
        let by_address = email.and_then(|email| self.by_address.get(&email_key(email)).copied());
        let external_id = given.external_id.as_deref();
        let by_id = external_id.and_then(|id| self.references.get(id)).map(AgentId);
        if let (Some(id), Some(found), Some(other)) = (external_id, by_address, by_id)
            && found != other
            && self.stand_in(other).is_some()
        {
            // An earlier run did not know the address. The id names the agent that has it.
            self.references.repoint(id, found.0);
        }
        by_address.or(by_id).or_else(|| self.adopt(given))
    }

    /// Finds the agent that was created for a ticket assigned to the text in place of an address. The text is
    /// no id, so it is replaced by the id.
    fn adopt(&mut self, given: &ImportAgent) -> Option<AgentId> {
        let (id, text) = (given.external_id.as_deref()?, given.known_as.as_deref()?);
        let key = text_key(text);
        let is_only_text = self.texts.get(&key) == Some(&1);
        let known = [text, key.as_str()].into_iter().find_map(|name| {
            let is_no_id = !self.ids.contains(name) && self.references.lacks(name, [NAME]);
            let agent = self.references.get(name).filter(|_| is_no_id)?;
            Some((name, AgentId(agent)))
        });
        let (name, agent) = known?;
        self.stand_in(agent).filter(|_| is_only_text)?;
        self.references.rename(name, id);
        Some(agent)
    }

    fn make(&mut self, given: &ImportAgent) -> AgentId {
        let (services, source) = (self.services, self.source);
        let row = match &given.email {
            Some(email) => row(services, source.workspace, &given.name, email, given.role),
            None => without_address(services, source, &given.name),
        };
        let id = row.id;
        if let (None, Some(external_id)) = (&given.email, &given.external_id) {
            self.references.note(external_id, &fields(&row, &row));
        }
        self.by_address.insert(row.email_key.clone(), id);
        self.made.insert(id);
        self.rows.insert(id, row);
        id
    }

    /// Completes an agent without an address: the address, the name and the role, unless they were changed
    /// here. Other agents are not changed.
    fn complete(&mut self, id: AgentId, given: &ImportAgent) -> Outcome {
        let (Some(here), Some(external_id)) = (self.stand_in(id).cloned(), &given.external_id) else {
            return Outcome::Unchanged;
        };
        let mut after = here.clone();
        if let Some(email) = &given.email {
            after.email.clone_from(email);
            after.email_key = email_key(email);
            after.role = given.role;
        }
        // Agents have no events and no version. A value that the source has not reported before counts as a
        // local edit, unless it is a placeholder.
        let is_text = |text: &String| text_key(text) == text_key(&here.name);
        let is_placeholder = here.name == *external_id || given.known_as.as_ref().is_some_and(is_text);
        let stand_ins = [Some(external_id), given.email.as_ref(), given.known_as.as_ref()];
        let is_named = is_placeholder || !stand_ins.contains(&Some(&given.name));
        if is_named {
            after.name.clone_from(&given.name);
            after.name_key = fold(&given.name);
        }
        let [name, role] = fields(&here, &after);
        let name = is_named.then_some((name, !is_placeholder));
        let role = given.email.is_some().then_some((role, here.role != Role::Agent));
        let mut standing = Vec::new();
        for (field, is_edited) in name.into_iter().chain(role) {
            let is_edited = is_edited && self.references.lacks(external_id, [&*field.name]);
            let version = if is_edited { 2 } else { 1 };
            let stands = self.references.take(external_id, id.0, version, &[field]);
            standing.extend(stands);
        }
        if standing.iter().any(|name| name == NAME) {
            (after.name, after.name_key) = (here.name.clone(), here.name_key.clone());
        }
        if standing.iter().any(|name| name == ROLE) {
            after.role = here.role;
        }
        if after == here {
            return Outcome::Unchanged.beside(standing);
        }
        self.by_address.insert(after.email_key.clone(), id);
        self.rows.insert(id, after);
        self.changed.insert(id);
        Outcome::Updated.beside(standing)
    }

    /// Returns an agent if an import made up its address.
    fn stand_in(&self, id: AgentId) -> Option<&agent::Model> {
        let row = self.rows.get(&id)?;
        is_stand_in(self.source, row).then_some(row)
    }

    async fn write(mut self, transaction: &Transaction<'_>) -> Result<(), Error> {
        let writing = transaction.writing();
        let made = self.made.iter().filter_map(|id| self.rows.remove(id)).collect();
        store::agent::insert_many(writing, made).await?;
        for id in &self.changed {
            if let Some(row) = self.rows.remove(id) {
                store::agent::update(writing, row).await?;
            }
        }
        self.references.write(transaction).await?;
        let known_as = self.known_as.into_iter();
        let known_as: Vec<_> = known_as.map(|(id, text)| (id.to_owned(), Some(text))).collect();
        let of = self.source.of(Kind::Agent);
        Ok(store::external_reference::note_states(writing, of, &known_as).await?)
    }
}

/// The fields that an import completes, with their stored and their reported values.
fn fields(here: &agent::Model, told: &agent::Model) -> [Field; 2] {
    let is_admin = |agent: &agent::Model| (agent.role == Role::Admin).into();
    [
        Field::new(NAME, here.name.as_str().into(), told.name.as_str().into()),
        Field::new(ROLE, is_admin(here), is_admin(told)),
    ]
}
