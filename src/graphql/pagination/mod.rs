//! Pagination: Relay connections with keyset cursors. All lists with pages use it.

mod arguments;
mod connection;
pub(super) mod cursor;

pub use arguments::{DEFAULT_SIZE, FilterInput, Limits, OrderInput, PageArguments, query};
pub(super) use connection::node;
pub use connection::{Connection, Listed, Page, SHOWS_ROWS, children, children_of, root};
