//! Rows that came with those that point to them, before a field asked.
//!
//! A noun says which of its fields show a row that it points to. When an operation asks for such a field, whatever reads
//! the noun by itself reads that row, too. The field finds it here; a row that is not here is asked for as ever.

use std::sync::Arc;

use entity::{agent, conversation, customer, queue, team, ticket};

use super::{AgentById, ConversationById, CustomerById, Question, QueueById, TeamById, TicketById};
use crate::{graphql::pagination::Listed, store::beside::Found};

/// What was read ahead in one request.
#[derive(Debug, Default)]
pub struct Ahead {
    agents: Found<agent::Entity>,
    conversations: Found<conversation::Entity>,
    customers: Found<customer::Entity>,
    queues: Found<queue::Entity>,
    teams: Found<team::Entity>,
    tickets: Found<ticket::Entity>,
}

/// A noun to which others point.
pub trait Target: Listed {
    /// The question after one of them.
    type ById: Question<Answer = Arc<Self::Row>> + From<Self::Id>;

    /// Where those that were read ahead are kept.
    fn found(ahead: &Ahead) -> &Found<Self>;
}

macro_rules! targets {
    ($($noun:ident: $by_id:ident, $rows:ident);+ $(;)?) => {
        $(impl Target for $noun::Entity {
            type ById = $by_id;

            fn found(ahead: &Ahead) -> &Found<Self> {
                &ahead.$rows
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
