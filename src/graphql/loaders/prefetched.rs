//! Rows that were read together with the rows that point to them.
//!
//! A noun declares which of its fields return a row that it points to. When an operation selects such a field, a
//! query for a single row of the noun also reads that row. The field then finds it here. Other rows are loaded as
//! usual.

use entity::{PartialRow, agent, conversation, customer, queue, team, ticket};

use super::{
    AgentById, ConversationById, CustomerById, Loadable, LoaderKey, QueueById, TeamById, TicketById,
};
use crate::store::joined::JoinedRows;

/// The rows that one request read ahead.
#[derive(Debug, Default)]
pub struct Prefetched {
    agents: JoinedRows<agent::Entity>,
    conversations: JoinedRows<conversation::Entity>,
    customers: JoinedRows<customer::Entity>,
    queues: JoinedRows<queue::Entity>,
    teams: JoinedRows<team::Entity>,
    tickets: JoinedRows<ticket::Entity>,
}

/// A noun that other nouns point to.
pub trait PointerTarget: Loadable {
    /// The loader key of its rows.
    type ById: LoaderKey<Answer = PartialRow<Self::Row>> + From<Self::Id>;

    /// Returns the rows of this noun that were read ahead.
    fn found(prefetched: &Prefetched) -> &JoinedRows<Self>;
}

macro_rules! targets {
    ($($noun:ident: $by_id:ident, $rows:ident);+ $(;)?) => {
        $(impl PointerTarget for $noun::Entity {
            type ById = $by_id;

            fn found(prefetched: &Prefetched) -> &JoinedRows<Self> {
                &prefetched.$rows
            }
        })+
    };
}

targets!(
    agent: AgentById, agents;
    conversation: ConversationById, conversations;
    customer: CustomerById, customers;
    queue: QueueById, queues;
    team: TeamById, teams;
    ticket: TicketById, tickets;
);
