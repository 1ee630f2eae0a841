//! Marks of erased customers, by which imports recognize these customers. Nothing that identifies them
//! remains.
//!
//! A mark is an HMAC-SHA-256 of an id or an address under a random key of the workspace. Exports do not
//! contain the key, so the marks alone do not show whether they belong to a given address.

use std::time::Duration;

use entity::{WorkspaceId, customer, erased, external_reference::Kind};
use ring::hmac::{HMAC_SHA256, Key, sign};
use tokio_util::sync::CancellationToken;

use super::{Error, Services, Transaction};
use crate::store::{self, belongings::ExternalIds, filter::email_key};

/// Delay between two attempts to empty the log of the database.
const RETRY_DELAY: Duration = Duration::from_secs(1);
/// Number of attempts after which the operator gets a warning that another process holds the log.
const TRIES: u32 = 60;

/// External id or address of a customer or one of its objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExternalIdentifier {
    /// Id in another system: the name of the system, the kind of object and the id.
    Reference(String, Kind, String),
    /// Id in the caller's system.
    OwnId(Kind, String),
    Email(String),
    Phone(String),
}

impl ExternalIdentifier {
    /// Computes the mark of the trace under a key.
    pub fn mark(&self, key: &Key) -> Vec<u8> {
        let parts: [&str; 4] = match self {
            Self::Reference(system, kind, id) => ["reference", word(*kind), system, id],
            Self::OwnId(kind, id) => ["own", word(*kind), id, ""],
            Self::Email(email) => ["email", &email_key(email), "", ""],
            Self::Phone(phone) => ["phone", &digits(phone), "", ""],
        };
        // No id contains this character, so two different traces never have the same text.
        sign(key, parts.join("\0").as_bytes()).as_ref().to_vec()
    }
}

/// Returns a phone number without the separators between its digits.
fn digits(phone: &str) -> String {
    let digits: String = phone
        .chars()
        .filter(|one| *one == '+' || one.is_alphanumeric())
        .collect();
    if digits.is_empty() {
        phone.to_owned()
    } else {
        digits
    }
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Customer => "customer",
        Kind::Ticket => "ticket",
        Kind::Conversation => "conversation",
        Kind::Message => "message",
        Kind::Agent => "agent",
        Kind::Team => "team",
        Kind::Queue => "queue",
    }
}

pub fn key_of(bytes: &[u8]) -> Key {
    Key::new(HMAC_SHA256, bytes)
}

/// Returns the traces of a customer and its objects. Messages are recognized by their tickets.
fn traces(customer: &customer::Model, outside: ExternalIds) -> Vec<ExternalIdentifier> {
    let references = outside
        .references
        .into_iter()
        .map(|(system, kind, id)| ExternalIdentifier::Reference(system, kind, id));
    let conversations = outside
        .conversations
        .into_iter()
        .map(|id| ExternalIdentifier::OwnId(Kind::Conversation, id));
    let own = customer
        .external_id
        .clone()
        .map(|id| ExternalIdentifier::OwnId(Kind::Customer, id));
    let emails = customer.emails.0.iter().map(|one| one.email.clone());
    let emails = emails.chain(outside.addresses).map(ExternalIdentifier::Email);
    let phones = customer
        .phones
        .0
        .iter()
        .map(|one| ExternalIdentifier::Phone(one.phone.clone()));
    references
        .chain(conversations)
        .chain(own)
        .chain(emails)
        .chain(phones)
        .collect()
}

/// Writes the marks of a customer that is about to be deleted, and of its objects.
pub async fn mark(
    services: &Services,
    transaction: &Transaction<'_>,
    customer: &customer::Model,
) -> Result<(), Error> {
    let writing = transaction.writing();
    let outside = store::belongings::outside(writing, customer.workspace_id, customer.id).await?;
    let traces = traces(customer, outside);
    if traces.is_empty() {
        return Ok(());
    }
    let key = key(services, transaction, customer.workspace_id).await?;
    let erased_at = services.clock.now();
    let row = |trace: &ExternalIdentifier| erased::Model {
        workspace_id: customer.workspace_id,
        mark: trace.mark(&key),
        erased_at,
    };
    let mut rows: Vec<_> = traces.iter().map(row).collect();
    // One order for all, so that two concurrent erasures cannot deadlock.
    rows.sort_by(|one, other| one.mark.cmp(&other.mark));
    rows.dedup_by(|one, other| one.mark == other.mark);
    Ok(store::erased::put(writing, rows).await?)
}

async fn key(
    services: &Services,
    transaction: &Transaction<'_>,
    workspace: WorkspaceId,
) -> Result<Key, Error> {
    let bytes = services.clock.random().to_vec();
    let kept = store::erased::key_or(transaction.writing(), workspace, bytes).await?;
    Ok(key_of(&kept))
}

/// Removes erased data from the write-ahead log of the database: at the start, because the node can have
/// stopped before it did so, and after each erasure.
pub async fn clear_when_told(services: Services, stop: CancellationToken) {
    let mut tries = 0;
    loop {
        let again = match services.db.empty_log().await {
            Ok(true) => {
                tries = 0;
                tokio::select! {
                    () = services.erasures.notified() => continue,
                    () = stop.cancelled() => return,
                }
            }
            Ok(false) => "a statement still reads an older snapshot".to_owned(),
            Err(error) => format!("{error:?}"),
        };
        tries += 1;
        if tries == TRIES {
            tracing::warn!(
                reason = again,
                "erased data is still in the write-ahead log of the database"
            );
        }
        tokio::select! {
            () = tokio::time::sleep(RETRY_DELAY) => {}
            () = stop.cancelled() => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_differ_by_system_kind_and_key() {
        let (key, other) = (key_of(&[1; 32]), key_of(&[2; 32]));
        let reference = |system: &str, kind, id: &str| {
            ExternalIdentifier::Reference(system.to_owned(), kind, id.to_owned())
        };
        let one = reference("keva", Kind::Customer, "7").mark(&key);
        for trace in [
            reference("cstar", Kind::Customer, "7"),
            reference("keva", Kind::Ticket, "7"),
            ExternalIdentifier::OwnId(Kind::Customer, "7".to_owned()),
            ExternalIdentifier::Phone("7".to_owned()),
        ] {
            assert_ne!(trace.mark(&key), one);
        }
        assert_ne!(reference("keva", Kind::Customer, "7").mark(&other), one);
        let email = |text: &str| ExternalIdentifier::Email(text.to_owned()).mark(&key);
        assert_eq!(email("Ann@Example.com"), email("ann@example.com"));
        let phone = |text: &str| ExternalIdentifier::Phone(text.to_owned()).mark(&key);
        assert_eq!(phone("+49 (30) 12-34"), phone("+49301234"));
    }
}
