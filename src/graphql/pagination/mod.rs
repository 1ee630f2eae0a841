//! Pagination: Relay connections with keyset cursors. All lists with pages use it.

mod arguments;
mod connection;
pub(super) mod cursor;
mod fields;

pub use arguments::{DEFAULT_SIZE, ListArguments, OrderInput, PageArguments, query};
pub use connection::{Connection, Page, SHOWS_ROWS, children_of, root};
pub(super) use fields::lists;
