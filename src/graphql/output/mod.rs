//! Writes objects directly to JSON.
//!
//! For every field, the library creates a future, and for every object a map. In a long list, most of the time is
//! spent on these. For an object in [`Compiled`], the selection is compiled once per request ([`selection`]). Its
//! [`plain`] fields are written from the row to JSON, and only the other fields use the resolvers of the library.
//! Fields that return other objects are loaded for all objects of a list at once ([`relation`]). In the schema, the
//! type does not change.
//!
//! The response contains such JSON as [`Value::Binary`](async_graphql::Value), which no field of the schema returns;
//! [`answer`] writes it out. An object in which a field failed, or which contains objects that the library resolved,
//! stays a value, because null may still propagate to it ([`complete`](crate::request::complete())).

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
pub use selection::{Loaded, Selection, Selections};

pub(super) use leaf::enum_leaves;
pub(super) use plain::plain_fields;
