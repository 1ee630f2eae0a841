//! Tickets and conversations of imported messages.

use std::{
    collections::{BTreeSet, HashMap},
    iter,
};

use entity::{CustomerId, conversation, external_reference::Kind, ticket};
use uuid::Uuid;

use super::{ImportMessage, Source};
use crate::{
    service::{Error, Transaction, UserError, erasure::ExternalIdentifier, message::MessageLocation},
    store::{
        self,
        hold::{find_many_to_change_unscoped, hold_many_unscoped},
    },
};

/// Ticket or conversation of a message of another system, by its id there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportPlace {
    /// Ticket, with its conversation.
    Ticket(String),
    /// Conversation without a ticket.
    Conversation(String),
}

impl ImportPlace {
    /// Name of the type and id in the other system.
    pub fn parent(&self) -> (&'static str, &str) {
        match self {
            Self::Ticket(id) => ("tickets", id),
            Self::Conversation(id) => ("conversations", id),
        }
    }

    /// Kind and id in the other system.
    pub(super) fn reference(&self) -> (Kind, &str) {
        match self {
            Self::Ticket(id) => (Kind::Ticket, id),
            Self::Conversation(id) => (Kind::Conversation, id),
        }
    }

    /// Trace by which the record can belong to an erased customer.
    pub(super) fn trace(&self, source: &Source<'_>) -> ExternalIdentifier {
        let (kind, id) = self.reference();
        source.trace(kind, id)
    }

    /// Name of the field that refers to it.
    pub(super) fn field(&self) -> &'static str {
        match self {
            Self::Ticket(_) => "ticketId",
            Self::Conversation(_) => "conversation",
        }
    }

    /// Error for a missing ticket or conversation.
    pub(super) fn missing(&self) -> UserError {
        let message = match self {
            Self::Ticket(_) => "The ticket does not exist.",
            Self::Conversation(_) => "The conversation does not exist.",
        };
        UserError::not_found(message, &[self.field()])
    }
}

/// Tickets and conversations of the messages of a batch, with their rows locked.
pub(super) struct Threads(HashMap<(Kind, String), MessageLocation>);

impl Threads {
    /// Locks the rows in the order of a single message: tickets, then conversations.
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
        let held = find_many_to_change_unscoped::<ticket::Entity>(writing, &ids(&tickets)).await?;
        let of_tickets: Vec<_> = held.iter().map(|row| row.conversation_id.0).collect();
        hold_many_unscoped::<conversation::Entity>(writing, &of_tickets).await?;
        let alone = store::conversation::find_many_to_change_unscoped(
            writing,
            source.workspace,
            &ids(&conversations),
            iter::empty(),
        )
        .await?;
        let by_ticket: HashMap<Uuid, MessageLocation> = held
            .iter()
            .map(|row| (row.id.0, MessageLocation::in_ticket(row)))
            .collect();
        let by_conversation: HashMap<Uuid, MessageLocation> = alone
            .iter()
            .map(|row| (row.id.0, MessageLocation::in_conversation(row)))
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

    /// Returns the destination of a message.
    pub(super) fn of(&self, place: &ImportPlace) -> Option<MessageLocation> {
        let (kind, id) = place.reference();
        self.0.get(&(kind, id.to_owned())).copied()
    }

    /// Returns the customers of the tickets and conversations, each once.
    pub(super) fn owners(&self) -> BTreeSet<CustomerId> {
        self.0.values().map(MessageLocation::customer).collect()
    }
}

fn ids(known: &HashMap<String, Uuid>) -> Vec<Uuid> {
    let mut ids: Vec<_> = known.values().copied().collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
