//! Sort direction of lists.

use async_graphql::Enum;

/// Direction in which a list is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum OrderDirection {
    /// Ascending: the smallest, oldest or alphabetically first value comes first.
    Asc,
    /// Descending: the largest, newest or alphabetically last value comes first.
    Desc,
}
