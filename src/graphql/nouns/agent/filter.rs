//! Filters and sort orders of agents.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};
use entity::agent::Entity;

use super::AgentRole;
use crate::{
    graphql::{
        error::Result,
        filters::{DateTimeFilter, StringFilter, any_of, filter_input, ids, plain, string, time},
        pagination::order_input,
    },
    store::agent as store,
};

filter_input! {
    /// Conditions on agents. An agent must meet all of them. Null in place of a condition is refused. Conditions
    /// nest up to 8 levels deep, and a filter contains up to 1000 values and conditions.
    AgentFilter of Entity, nesting (and, or, not) {
        /// Matches agents with one of these ids: up to 100 ids.
        id: Vec<ID> => ids,
        /// Condition on the email address, compared without the case of A to Z.
        email: StringFilter => string,
        /// Condition on the name, compared without case and accents.
        name: StringFilter => string,
        /// Matches agents whose role is one of these.
        role: Vec<AgentRole> => any_of,
        /// Matches agents of one of these teams: up to 100 ids. Matches nothing for a customer, who sees no teams.
        team_id: Vec<ID> => ids,
        /// True: matches active agents. False: matches deactivated agents.
        is_active: bool => plain,
        /// Condition on `createdAt`, the time of creation.
        created_at: DateTimeFilter => time,
    }
    none: search
}

/// Fields by which agents can be sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "store::AgentSort")]
pub enum AgentOrderField {
    /// Sorts by the time of creation.
    CreatedAt,
}

order_input! {
    /// Sort order of a list of agents. Items with equal values are sorted by id, so a cursor neither skips nor
    /// repeats an item.
    AgentOrder of Entity, by AgentOrderField
}
