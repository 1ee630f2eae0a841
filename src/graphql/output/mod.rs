//! Writes what objects can tell by themselves straight to JSON.
//!
//! The library makes a future for every field and a map for every object, which is most of the work for a long list of
//! rows. An object in [`Compiled`] has its selection compiled once for a request ([`selection`]): its [`plain`] fields
//! are written from the row to JSON, one after the other, and only the others are asked in the library's way. Fields that
//! show other objects are read for all objects of a list at once ([`relation`]). In the schema it is the same object.
//!
//! What was written travels in the answer as [`Value::Binary`](async_graphql::Value), which no field of the schema has;
//! [`answer`] puts it in its place. An object in which something failed, or which holds what was not written here, stays
//! a value, because null may still have to spread over it ([`complete`](super::complete)).

mod answer;
mod compiled;
mod json;
mod leaf;
mod meter;
mod plain;
mod relation;
mod selection;

pub use answer::{was_not_run, write_answer, write_value};
pub use compiled::Compiled;
pub use json::Json;
pub use leaf::{Leaf, write_list};
pub use meter::Metering;
pub use plain::{Compiling, PlainObject, Write, is_named, leaf};
pub use relation::{Load, Parts, Relation, Shown};
pub use selection::{LibraryAlone, Loaded, Selection, Selections};

pub(super) use leaf::enum_leaves;
pub(super) use plain::plain_fields;
