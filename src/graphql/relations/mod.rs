//! Fields that return related rows, declared once for each noun.
//!
//! A [`PointerTo`] returns the row whose id is in a column. [`Children`] returns pages of rows that point to the
//! row. If the selection of the related rows consists of plain fields and relations, they are loaded for all rows of
//! a list at once and written directly to JSON ([`output`](super::output)): one statement for each field and level.
//! For other selections, the resolvers of the fields return the same values.

mod children;
mod pointer;

use async_graphql::{Positioned, parser::types::Field};

pub use children::Children;
pub(super) use children::{child_lists, children};
pub use pointer::PointerTo;

use super::{
    listed::Listed,
    output::{Compiling, Relation, is_named},
};

/// Compiles a field that returns related rows. `None` if the field is not a relation or the library must resolve it.
pub fn of<N: Listed>(
    field: &Positioned<Field>,
    compiling: Compiling<'_>,
) -> Option<Box<dyn Relation<N::Node>>> {
    let name = field.node.name.node.as_str();
    if let Some(pointer) = N::POINTERS.iter().find(|pointer| pointer.field() == name) {
        return pointer.relation(field, compiling);
    }
    let list = N::CHILDREN.iter().find(|list| is_named(name, list.field()))?;
    list.relation(field, compiling)
}
