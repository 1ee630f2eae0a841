//! Agents to which tickets, conversations and messages of another system refer.

use std::collections::{BTreeSet, HashMap};

use entity::{AgentId, agent, agent::Role, external_reference::Kind};
use uuid::Uuid;

use super::Source;
use crate::{
    service::{Error, Services, Transaction, agent::row, validate::is_email},
    store::{self, filter::email_key},
    words::visible,
};

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

/// Returns the agents with these names: an id of the other system, or the text that it has in place of an
/// agent's address. An id takes precedence. A text that several agents have names none of them.
pub(super) async fn named(
    transaction: &Transaction<'_>,
    source: &Source<'_>,
    names: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, AgentId>, Error> {
    let names: BTreeSet<String> = names.into_iter().collect();
    let by_id = source
        .known(transaction, Kind::Agent, names.iter().cloned())
        .await?;
    let connection = transaction.writing().connection();
    let texts = names.into_iter().filter(|name| !by_id.contains_key(name));
    let texts: Vec<_> = texts.map(|name| (text_key(&name), name)).collect();
    let keys: BTreeSet<_> = texts.iter().map(|(key, _)| key.clone()).collect();
    let found = store::external_reference::find_by_states(connection, source.of(Kind::Agent), keys).await?;
    let mut by_text: HashMap<String, BTreeSet<Uuid>> = HashMap::new();
    for (text, agent) in found {
        by_text.entry(text).or_default().insert(agent);
    }
    let by_text = texts.into_iter().filter_map(|(key, name)| {
        let agents = by_text.get(&key).filter(|agents| agents.len() == 1)?;
        Some((name, *agents.first()?))
    });
    let named = by_id.into_iter().chain(by_text);
    Ok(named.map(|(name, id)| (name, AgentId(id))).collect())
}

/// Returns the agents to which tickets refer and creates unknown ones. `assignedTo` is an id of the other
/// system, the address of an agent, or the text in its place.
pub(super) async fn find_or_make(
    services: &Services,
    transaction: &Transaction<'_>,
    source: &Source<'_>,
    names: impl IntoIterator<Item = &str>,
) -> Result<HashMap<String, AgentId>, Error> {
    let names: BTreeSet<&str> = names.into_iter().collect();
    let mut agents = named(transaction, source, names.iter().map(ToString::to_string)).await?;
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
            let row = without_address(services, source, name);
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

/// A text in place of an address, as it is stored and looked up: without blanks around it and invisible
/// characters.
pub(super) fn text_key(text: &str) -> String {
    visible(text).trim().to_owned()
}

/// Creates an agent without an address. It gets an address of a domain that never receives mail, and is never
/// an admin.
pub(super) fn without_address(services: &Services, source: &Source<'_>, name: &str) -> agent::Model {
    let id: AgentId = services.clock.id();
    let email = format!("{}{}", id.0.simple(), stand_in_domain(source));
    agent::Model {
        id,
        ..row(services, source.workspace, name, &email, Role::Agent)
    }
}

/// Whether an agent has an address that an import of this system made up.
pub(super) fn is_stand_in(source: &Source<'_>, agent: &agent::Model) -> bool {
    agent.email_key.ends_with(&stand_in_domain(source))
}

fn stand_in_domain(source: &Source<'_>) -> String {
    format!("@{}.invalid", source.system)
}
