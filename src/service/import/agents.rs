//! Import of agents.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::{AgentId, agent, agent::Role, external_reference::Kind};

use super::{BATCH_TRIES, Outcome, Source, mistakes};
use crate::{
    service::{
        Error, Services, Transaction,
        agent::row,
        transaction::with_tries,
        validate::{Checks, EXTERNAL_ID_MAX, LINE_MAX, is_email},
    },
    store::{self, filter::email_key},
};

/// An agent of another system. Found by its address, or by its id if it has no usable address.
#[derive(Clone, Debug)]
pub struct ImportAgent {
    /// Id in the other system, by which tickets can refer to the agent.
    pub external_id: Option<String>,
    /// Full name.
    pub name: String,
    /// Address. Without it, a new agent gets an address that ends in `.invalid`.
    pub email: Option<String>,
    /// The text that the other system has in place of an address, by which tickets may name the agent.
    pub known_as: Option<String>,
    /// Role of the agent.
    pub role: Role,
}

/// Imports agents.
pub async fn agents(
    services: &Services,
    source: &Source<'_>,
    rows: &[ImportAgent],
) -> Result<Vec<Outcome>, Error> {
    with_tries(services, BATCH_TRIES, || once(services, source, rows)).await
}

async fn once(services: &Services, source: &Source<'_>, rows: &[ImportAgent]) -> Result<Vec<Outcome>, Error> {
    let transaction = Transaction::begin_alone(services).await?;
    let emails = rows.iter().filter_map(|row| row.email.as_deref());
    let known = by_email(&transaction, source, emails).await?;
    let ids = rows.iter().filter_map(|row| row.external_id.clone());
    let texts = rows.iter().filter_map(|row| row.known_as.clone());
    let mut named = source.known(&transaction, Kind::Agent, ids.chain(texts)).await?;
    let mut made: HashMap<String, agent::Model> = HashMap::new();
    let mut references = Vec::new();
    let mut outcomes = Vec::with_capacity(rows.len());
    let mut known_as: BTreeMap<&String, Vec<AgentId>> = BTreeMap::new();
    for agent in rows {
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
        if let Err(failed) = mistakes(checks) {
            outcomes.push(failed);
            continue;
        }
        let existing = match (&agent.email, &agent.external_id) {
            (Some(email), _) => {
                let key = email_key(email);
                let made = || made.get(&key).map(|row| row.id);
                known.get(&key).copied().or_else(made)
            }
            (None, Some(id)) => named.get(id).copied().map(AgentId),
            (None, None) => None,
        };
        let id = existing.unwrap_or_else(|| {
            let row = match &agent.email {
                Some(email) => row(services, source.workspace, &agent.name, email, agent.role),
                None => without_address(services, source, &agent.name, agent.role),
            };
            made.entry(row.email_key.clone()).or_insert(row).id
        });
        if let Some(external_id) = &agent.external_id
            && !named.contains_key(external_id)
        {
            references.push(source.reference(Kind::Agent, external_id, id.0));
            named.insert(external_id.clone(), id.0);
        }
        if let Some(name) = &agent.known_as {
            known_as.entry(name).or_default().push(id);
        }
        outcomes.push(if existing.is_some() {
            Outcome::Unchanged
        } else {
            Outcome::Created
        });
    }
    for (name, ids) in known_as {
        // A text that several agents have in place of an address names none of them.
        if let [id] = ids[..]
            && !named.contains_key(name)
        {
            references.push(source.reference(Kind::Agent, name, id.0));
        }
    }
    store::agent::insert_many(transaction.writing(), made.into_values().collect()).await?;
    store::external_reference::insert_many(transaction.writing(), references).await?;
    transaction.commit_rows(source.viewer).await?;
    Ok(outcomes)
}

/// Returns the agents with these addresses, by folded address.
pub(super) async fn by_email(
    transaction: &Transaction<'_>,
    source: &Source<'_>,
    emails: impl IntoIterator<Item = &str>,
) -> Result<HashMap<String, AgentId>, Error> {
    let mut keys: Vec<String> = emails.into_iter().map(email_key).collect();
    keys.sort_unstable();
    keys.dedup();
    let connection = transaction.writing().connection();
    let found = store::agent::find_by_email_unscoped(connection, source.workspace, &keys).await?;
    Ok(found
        .into_iter()
        .map(|agent| (agent.email_key, agent.id))
        .collect())
}

/// Returns the agents to which tickets refer and creates unknown ones. `assignedTo` is an id of the other
/// system or the address of an agent.
pub(super) async fn find_or_make(
    services: &Services,
    transaction: &Transaction<'_>,
    source: &Source<'_>,
    names: impl IntoIterator<Item = &str>,
) -> Result<HashMap<String, AgentId>, Error> {
    let names: BTreeSet<&str> = names.into_iter().collect();
    let ids = names.iter().map(ToString::to_string);
    let named = source.known(transaction, Kind::Agent, ids).await?;
    let mut agents: HashMap<String, AgentId> =
        named.into_iter().map(|(name, id)| (name, AgentId(id))).collect();
    let known = by_email(transaction, source, names.iter().copied()).await?;
    let (mut made, mut references) = (HashMap::new(), Vec::new());
    for name in names {
        if agents.contains_key(name) {
            continue;
        }
        let id = if let Some(id) = known.get(&email_key(name)) {
            *id
        } else if is_email(name) {
            made.entry(email_key(name))
                .or_insert_with(|| row(services, source.workspace, name, name, Role::Agent))
                .id
        } else {
            let row = without_address(services, source, name, Role::Agent);
            let id = row.id;
            made.insert(row.email_key.clone(), row);
            references.push(source.reference(Kind::Agent, name, id.0));
            id
        };
        agents.insert(name.to_owned(), id);
    }
    store::agent::insert_many(transaction.writing(), made.into_values().collect()).await?;
    store::external_reference::insert_many(transaction.writing(), references).await?;
    Ok(agents)
}

/// A new agent without an address: a domain that mail never reaches stands for the system that knows the agent.
fn without_address(services: &Services, source: &Source<'_>, name: &str, role: Role) -> agent::Model {
    let id: AgentId = services.clock.id();
    let email = format!("{}@{}.invalid", id.0.simple(), source.system);
    agent::Model {
        id,
        ..row(services, source.workspace, name, &email, role)
    }
}
