//! The one way in which lists are shown: Relay connections over keyset cursors.

mod arguments;
mod connection;
pub(super) mod cursor;

pub use arguments::{DEFAULT_SIZE, FilterInput, Limits, OrderInput, PageArguments, query};
pub use connection::{Connection, Listed, children, children_of, root};
