//! Which way lists are sorted.

use async_graphql::Enum;

/// Which way a list is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum OrderDirection {
    /// The least, oldest or first in the alphabet comes first.
    Asc,
    /// The greatest, newest or last in the alphabet comes first.
    Desc,
}
