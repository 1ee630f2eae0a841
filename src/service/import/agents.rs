//! Agents of another system.

use std::collections::HashMap;

use entity::{AgentId, agent::Role};

use super::{BATCH_TRIES, Outcome, Source, mistakes};
use crate::{
    service::{
        Error, Services, Transaction,
        agent::{CreateAgent, row},
        transaction::with_tries,
        validate::{Checks, LINE_MAX},
    },
    store::{self, filter::fold},
};

/// An agent of another system. Found by its address.
#[derive(Clone, Debug)]
pub struct ImportAgent {
    /// Full name.
    pub name: String,
    /// Address.
    pub email: String,
    /// What the agent may do.
    pub role: Role,
}

/// Brings agents in.
pub async fn agents(
    services: &Services,
    source: &Source<'_>,
    rows: &[ImportAgent],
) -> Result<Vec<Outcome>, Error> {
    with_tries(BATCH_TRIES, || once(services, source, rows)).await
}

async fn once(services: &Services, source: &Source<'_>, rows: &[ImportAgent]) -> Result<Vec<Outcome>, Error> {
    let transaction = Transaction::begin(services).await?;
    let known = by_email(&transaction, source, rows.iter().map(|row| row.email.as_str())).await?;
    let mut made = HashMap::new();
    let mut outcomes = Vec::with_capacity(rows.len());
    for agent in rows {
        let mut checks = Checks::default();
        checks.required(&agent.name, LINE_MAX, &["name"]);
        checks.email(&agent.email, &["email"]);
        let key = fold(&agent.email);
        outcomes.push(match mistakes(checks) {
            Err(failed) => failed,
            Ok(()) if known.contains_key(&key) || made.contains_key(&key) => Outcome::Unchanged,
            Ok(()) => {
                made.insert(key, new(services, source, &agent.name, &agent.email, agent.role));
                Outcome::Created
            }
        });
    }
    store::agent::insert_many(transaction.writing(), made.into_values().collect()).await?;
    transaction.commit(source.viewer).await?;
    Ok(outcomes)
}

/// The agents with these addresses, by folded address.
pub(super) async fn by_email(
    transaction: &Transaction<'_>,
    source: &Source<'_>,
    emails: impl IntoIterator<Item = &str>,
) -> Result<HashMap<String, AgentId>, Error> {
    let mut keys: Vec<String> = emails.into_iter().map(fold).collect();
    keys.sort_unstable();
    keys.dedup();
    let connection = transaction.writing().connection();
    let found = store::agent::find_by_email_unscoped(connection, source.workspace, &keys).await?;
    Ok(found
        .into_iter()
        .map(|agent| (agent.email_key, agent.id))
        .collect())
}

/// Agents for these references of a ticket, made when they are not known: a ticket's `assignedTo` is the address of
/// an agent, or an id of the other system.
pub(super) async fn find_or_make(
    services: &Services,
    transaction: &Transaction<'_>,
    source: &Source<'_>,
    references: impl IntoIterator<Item = &str> + Clone,
) -> Result<HashMap<String, AgentId>, Error> {
    let email = |reference: &str| {
        if crate::service::validate::is_email(reference) {
            reference.to_owned()
        } else {
            // An id without an address: a domain that can never be reached stands for the system that knows it.
            let local: String = reference
                .chars()
                .filter(char::is_ascii_alphanumeric)
                .take(60)
                .collect();
            format!("{local}@{}.invalid", source.system)
        }
    };
    let emails: Vec<String> = references.clone().into_iter().map(email).collect();
    let known = by_email(transaction, source, emails.iter().map(String::as_str)).await?;
    let mut made = HashMap::new();
    let mut agents = HashMap::new();
    for (reference, email) in references.into_iter().zip(emails) {
        let key = fold(&email);
        let id = known.get(&key).copied().unwrap_or_else(|| {
            made.entry(key)
                .or_insert_with(|| new(services, source, reference, &email, Role::Agent))
                .id
        });
        agents.insert(reference.to_owned(), id);
    }
    store::agent::insert_many(transaction.writing(), made.into_values().collect()).await?;
    Ok(agents)
}

fn new(
    services: &Services,
    source: &Source<'_>,
    name: &str,
    email: &str,
    role: Role,
) -> entity::agent::Model {
    let (name, email) = (name.to_owned(), email.to_owned());
    row(
        services,
        &CreateAgent {
            workspace: source.workspace,
            name,
            email,
            role,
        },
    )
}
