//! What messages of another system are in: tickets, or conversations without one.

use std::{
    collections::{BTreeSet, HashMap},
    iter,
};

use entity::{CustomerId, external_reference::Kind};
use uuid::Uuid;

use super::{ImportMessage, Source};
use crate::{
    service::{Error, Transaction, UserError, erasure::Trace, message::Place},
    store,
};

/// What a message of another system is in, by its id there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportPlace {
    /// A ticket, and so its conversation.
    Ticket(String),
    /// A conversation.
    Conversation(String),
}

impl ImportPlace {
    /// The noun of what it is in, and the id there.
    pub fn parent(&self) -> (&'static str, &str) {
        match self {
            Self::Ticket(id) => ("tickets", id),
            Self::Conversation(id) => ("conversations", id),
        }
    }

    /// What an erased customer's record leaves of it.
    pub(super) fn trace(&self, source: &Source<'_>) -> Trace {
        match self {
            Self::Ticket(id) => source.trace(Kind::Ticket, id),
            Self::Conversation(id) => source.trace(Kind::Conversation, id),
        }
    }

    /// The field that names it.
    pub(super) fn field(&self) -> &'static str {
        match self {
            Self::Ticket(_) => "ticketId",
            Self::Conversation(_) => "conversation",
        }
    }

    /// What is wrong when there is no such thing.
    pub(super) fn missing(&self) -> UserError {
        let message = match self {
            Self::Ticket(_) => "The ticket does not exist.",
            Self::Conversation(_) => "The conversation does not exist.",
        };
        UserError::not_found(message, &[self.field()])
    }
}

/// What the messages of a batch are in, held against other writers.
pub(super) struct Threads(HashMap<(Kind, String), Place>);

impl Threads {
    /// Holds them in the order in which a single message takes them: tickets, then conversations.
    pub(super) async fn hold(
        transaction: &Transaction<'_>,
        source: &Source<'_>,
        rows: &[ImportMessage],
    ) -> Result<Self, Error> {
        let writing = transaction.writing();
        let (mut in_tickets, mut in_conversations) = (Vec::new(), Vec::new());
        for row in rows {
            match &row.place {
                ImportPlace::Ticket(id) => in_tickets.push(id.clone()),
                ImportPlace::Conversation(id) => in_conversations.push(id.clone()),
            }
        }
        let tickets = source.known(transaction, Kind::Ticket, in_tickets).await?;
        let conversations = source
            .known(transaction, Kind::Conversation, in_conversations)
            .await?;
        let held = store::ticket::find_many_to_change_unscoped(writing, &ids(&tickets)).await?;
        let of_tickets: Vec<_> = held.iter().map(|row| row.conversation_id).collect();
        store::conversation::hold_many_unscoped(writing, &of_tickets).await?;
        let alone = store::conversation::find_many_to_change_unscoped(
            writing,
            source.workspace,
            &ids(&conversations),
            iter::empty(),
        )
        .await?;
        let by_ticket: HashMap<Uuid, Place> =
            held.iter().map(|row| (row.id.0, Place::in_ticket(row))).collect();
        let by_conversation: HashMap<Uuid, Place> = alone
            .iter()
            .map(|row| (row.id.0, Place::in_conversation(row)))
            .collect();
        let tickets = tickets.into_iter().filter_map(|(name, id)| {
            let place = by_ticket.get(&id)?;
            Some(((Kind::Ticket, name), *place))
        });
        let conversations = conversations.into_iter().filter_map(|(name, id)| {
            let place = by_conversation.get(&id)?;
            Some(((Kind::Conversation, name), *place))
        });
        Ok(Self(tickets.chain(conversations).collect()))
    }

    /// Where a message goes.
    pub(super) fn of(&self, place: &ImportPlace) -> Option<Place> {
        let key = match place {
            ImportPlace::Ticket(id) => (Kind::Ticket, id.clone()),
            ImportPlace::Conversation(id) => (Kind::Conversation, id.clone()),
        };
        self.0.get(&key).copied()
    }

    /// Whose they are, each once.
    pub(super) fn owners(&self) -> BTreeSet<CustomerId> {
        self.0.values().map(Place::customer).collect()
    }
}

fn ids(known: &HashMap<String, Uuid>) -> Vec<Uuid> {
    let mut ids: Vec<_> = known.values().copied().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
