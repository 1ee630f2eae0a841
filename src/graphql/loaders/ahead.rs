//! Rows that came with those that point to them, before a field asked.
//!
//! A noun says which of its fields show a row that it points to. When an operation asks for such a field, whatever reads
//! the noun by itself reads that row, too. The field finds it here; a row that is not here is asked for as ever.

use entity::{agent, conversation, customer, queue, team, ticket};

use super::Reader;
use crate::{
    graphql::pagination::Listed,
    store::{
        Beside,
        beside::{Found, Pointed},
    },
};

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
    /// Where its rows are kept.
    fn found(ahead: &Ahead) -> &Found<Self>;
}

macro_rules! targets {
    ($($noun:ident: $rows:ident),+ $(,)?) => {
        $(impl Target for $noun::Entity {
            fn found(ahead: &Ahead) -> &Found<Self> {
                &ahead.$rows
            }
        })+
    };
}

targets!(
    agent: agents,
    conversation: conversations,
    customer: customers,
    queue: queues,
    team: teams,
    ticket: tickets,
);

/// A field of `N` that shows the row to which a column points.
pub struct Pointer<N: Listed> {
    /// The field.
    pub field: &'static str,
    column: N::Column,
    beside: fn(N::Column, &Reader) -> Box<dyn Beside<N> + '_>,
}

impl<N: Listed> Pointer<N>
where
    N::Column: Send + Sync,
{
    /// To a row of `M`.
    pub const fn to<M: Target>(field: &'static str, column: N::Column) -> Self {
        Self {
            field,
            column,
            beside: beside::<N, M>,
        }
    }

    /// The name of the column.
    pub fn column(&self) -> &'static str {
        N::field(self.column)
    }

    /// What is read for it.
    pub fn beside<'a>(&self, reader: &'a Reader) -> Box<dyn Beside<N> + 'a> {
        (self.beside)(self.column, reader)
    }
}

fn beside<N: Listed, M: Target>(column: N::Column, reader: &Reader) -> Box<dyn Beside<N> + '_>
where
    N::Column: Send + Sync,
{
    Box::new(Pointed {
        column,
        columns: reader.columns::<M>(),
        found: M::found(&reader.ahead),
    })
}
