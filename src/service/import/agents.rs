//! Import of agents.

use std::collections::{BTreeSet, HashMap};

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

/// Agent of another system. Matched by its address.
#[derive(Clone, Debug)]
pub struct ImportAgent {
    /// Id in the other system, by which tickets can refer to the agent.
    pub external_id: Option<String>,
    /// Full name.
    pub name: String,
    /// Email address.
    pub email: String,
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
    let known = by_email(&transaction, source, rows.iter().map(|row| row.email.as_str())).await?;
    let ids = rows.iter().filter_map(|row| row.external_id.clone());
    let mut named = source.known(&transaction, Kind::Agent, ids).await?;
    let mut made: HashMap<String, agent::Model> = HashMap::new();
    let mut references = Vec::new();
    let mut outcomes = Vec::with_capacity(rows.len());
    for agent in rows {
        let mut checks = Checks::default();
        checks.text(
            agent.external_id.as_deref().unwrap_or_default(),
            EXTERNAL_ID_MAX,
            &["id"],
        );
        checks.required(&agent.name, LINE_MAX, &["name"]);
        checks.email(&agent.email, &["email"]);
        if let Err(failed) = mistakes(checks) {
            outcomes.push(failed);
            continue;
        }
        let key = email_key(&agent.email);
        let existing = known
            .get(&key)
            .copied()
            .or_else(|| made.get(&key).map(|row| row.id));
        let id = existing.unwrap_or_else(|| {
            let row = new(services, source, &agent.name, &agent.email, agent.role);
            made.entry(key).or_insert(row).id
        });
        if let Some(external_id) = &agent.external_id
            && !named.contains_key(external_id)
        {
            references.push(source.reference(Kind::Agent, external_id, id.0));
            named.insert(external_id.clone(), id.0);
        }
        outcomes.push(if existing.is_some() {
            Outcome::Unchanged
        } else {
            Outcome::Created
        });
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
                .or_insert_with(|| new(services, source, name, name, Role::Agent))
                .id
        } else {
            // An id comes without an address. The agent gets one in a reserved domain that names the other
            // system.
            let id: AgentId = services.clock.id();
            let email = format!("{}@{}.invalid", id.0.simple(), source.system);
            let row = agent::Model {
                id,
                ..new(services, source, name, &email, Role::Agent)
            };
            made.insert(email, row);
            references.push(source.reference(Kind::Agent, name, id.0));
            id
        };
        agents.insert(name.to_owned(), id);
    }
    store::agent::insert_many(transaction.writing(), made.into_values().collect()).await?;
    store::external_reference::insert_many(transaction.writing(), references).await?;
    Ok(agents)
}

fn new(services: &Services, source: &Source<'_>, name: &str, email: &str, role: Role) -> agent::Model {
    row(services, source.workspace, name, email, role)
}
