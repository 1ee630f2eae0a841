//! Filters and sort orders of teams.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};
use entity::team::Entity;

use crate::{
    graphql::{
        error::Result,
        filters::{StringFilter, filter_input, ids, string},
        pagination::order_input,
    },
    store::group as store,
};

filter_input! {
    /// Conditions on teams. A team must meet all of them. Null in place of a condition is refused. Conditions
    /// nest up to 8 levels deep, and a filter contains up to 1000 values and conditions.
    TeamFilter of Entity, nesting (and, or, not) {
        /// Matches teams with one of these ids: up to 100 ids.
        id: Vec<ID> => ids,
        /// Condition on the name, compared without the case of A to Z.
        name: StringFilter => string,
    }
}

/// Fields by which teams can be sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "store::GroupSort")]
pub enum TeamOrderField {
    /// Sorts by the time of creation.
    CreatedAt,
}

order_input! {
    /// Sort order of a list of teams. Items with equal values are sorted by id, so a cursor neither skips nor
    /// repeats an item.
    TeamOrder of Entity, by TeamOrderField
}
