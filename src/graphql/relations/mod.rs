//! Fields of a noun that show rows of others, told once for each noun.
//!
//! A [`Pointer`] shows the row whose id stands in a column, a [`ChildList`] pages of rows that point to it. When all that
//! is asked of the rows shown is told without the library, too, they are loaded for all rows of a list at once and written
//! straight to JSON ([`output`](super::output)): level by level, one statement for each such field. All other selections are
//! answered by the resolvers of the same fields, which must say the same.

mod children;
mod pointer;

use async_graphql::{Positioned, parser::types::Field};

pub use children::{ChildList, Children};
pub use pointer::Pointer;

use super::{
    output::{Compiling, Relation},
    pagination::Listed,
};

/// The relation of a noun that a field shows, when it can be told without the library.
pub fn of<N: Listed>(
    field: &Positioned<Field>,
    compiling: Compiling<'_>,
) -> Option<Box<dyn Relation<N::Node>>> {
    let name = field.node.name.node.as_str();
    if let Some(pointer) = N::POINTERS.iter().find(|pointer| pointer.field == name) {
        return pointer.relation(field, compiling);
    }
    let list = N::CHILDREN.iter().find(|list| list.field() == name)?;
    list.relation(field, compiling)
}
