//! Filters and sort orders of queues.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};
use entity::queue::Entity;

use crate::{
    graphql::{
        error::Result,
        filters::{StringFilter, filter_input, ids, string},
        pagination::order_input,
    },
    store::group as store,
};

filter_input! {
    /// Conditions on queues. A queue must meet all of them. Null in place of a condition is refused. Conditions
    /// nest up to 8 levels deep, and a filter contains up to 1000 values and conditions.
    QueueFilter of Entity, nesting (and, or, not) {
        /// Matches queues with one of these ids: up to 100 ids.
        id: Vec<ID> => ids,
        /// Condition on the name, compared without the case of A to Z.
        name: StringFilter => string,
    }
}

/// Fields by which queues can be sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "store::GroupSort")]
pub enum QueueOrderField {
    /// Sorts by the time of creation.
    CreatedAt,
}

order_input! {
    /// Sort order of a list of queues. Items with equal values are sorted by id, so a cursor neither skips nor
    /// repeats an item.
    QueueOrder of Entity, by QueueOrderField
}
