//! The description of a noun that the API lists: its GraphQL type, its default order, and the fields that return other
//! nouns.

use async_graphql::{InputType, Positioned, parser::types::Field};
use entity::PartialRow;

use super::{
    filters::FilterInput,
    loaders::{Joinable, Loadable, Reader},
    order::OrderInput,
    output::{Compiling, PlainObject, Relation},
};
use crate::store::{JoinedRow, Order};

/// A noun that the API lists in connections.
pub trait Listed: Loadable {
    /// GraphQL type of a row.
    type Node: PlainObject + From<PartialRow<Self::Row>> + AsRef<PartialRow<Self::Row>> + Send + Sync;
    /// The argument `filter` of a list.
    type FilterInput: FilterInput<Self> + InputType;
    /// An entry of the argument `orderBy` of a list.
    type OrderInput: OrderInput<Self>;
    /// Name of the GraphQL type.
    const NAME: &'static str;
    /// Sort order of a list without `orderBy`.
    const DEFAULT_ORDER: Order<Self::Sort>;
    /// Fields that return a row to which this row points: at most eight.
    const POINTERS: &'static [&'static dyn Pointer<Self>] = &[];
    /// Fields that return pages of rows that point to this row.
    const CHILDREN: &'static [&'static dyn ChildList<Self>] = &[];

    /// Returns the columns of a field that is not read from the column of the same name.
    fn computed(_field: &str) -> Option<&'static [&'static str]> {
        None
    }
}

impl<N: Listed> Joinable for N {
    fn beside(pointer: usize, reader: &Reader) -> Option<Box<dyn JoinedRow<Self> + '_>> {
        N::POINTERS.get(pointer)?.beside(reader)
    }
}

/// Implements the GraphQL object of a row, which holds only the row.
macro_rules! node {
    ($node:ident($row:ty)) => {
        impl From<entity::PartialRow<$row>> for $node {
            fn from(row: entity::PartialRow<$row>) -> Self {
                Self(row)
            }
        }

        impl AsRef<entity::PartialRow<$row>> for $node {
            fn as_ref(&self) -> &entity::PartialRow<$row> {
                &self.0
            }
        }
    };
}

pub(in crate::graphql) use node;

/// A field of `N` that returns the row whose id is in a column.
pub trait Pointer<N: Listed>: Send + Sync {
    /// Returns the name of the field.
    fn field(&self) -> &'static str;

    /// Returns the name of the column.
    fn column(&self) -> &'static str;

    /// Returns the read of the row together with a row of `N`. `None` for a row of the same table, which one
    /// statement cannot contain twice.
    fn beside<'a>(&self, reader: &'a Reader) -> Option<Box<dyn JoinedRow<N> + 'a>>;

    /// Compiles the field. `None` if the library must resolve it.
    fn relation(
        &self,
        field: &Positioned<Field>,
        compiling: Compiling<'_>,
    ) -> Option<Box<dyn Relation<N::Node>>>;
}

/// A field of `N` that returns pages of its children.
pub trait ChildList<N: Listed>: Send + Sync {
    /// Returns the name of the resolver.
    fn field(&self) -> &'static str;

    /// Compiles the field. `None` if the library must resolve it, including fields with invalid arguments: the
    /// library then reports the error.
    fn relation(
        &self,
        field: &Positioned<Field>,
        compiling: Compiling<'_>,
    ) -> Option<Box<dyn Relation<N::Node>>>;
}
