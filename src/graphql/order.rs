//! Sort keys of lists as input: direction, and the input object of each noun.

use async_graphql::{Enum, InputType};

use crate::store::{Noun, Order};

/// Direction in which a list is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum OrderDirection {
    /// Ascending: the smallest, oldest or alphabetically first value comes first.
    Asc,
    /// Descending: the largest, newest or alphabetically last value comes first.
    Desc,
}

impl OrderDirection {
    /// Returns the direction of an order.
    pub fn of(descending: bool) -> Self {
        if descending { Self::Desc } else { Self::Asc }
    }
}

/// An input object with a sort key of a list. Its default is the default order of the list.
pub trait OrderInput<N: Noun>: InputType + Default {
    /// Converts it for the store.
    fn read(&self) -> Order<N::Sort>;

    /// Returns the name of the value of the enum.
    fn name(&self) -> String;
}
