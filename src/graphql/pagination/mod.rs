//! Pagination: Relay connections with keyset cursors. All lists with pages use it.

mod arguments;
mod connection;
pub(super) mod cursor;
mod fields;
mod order_input;

pub use arguments::{Arguments, DEFAULT_SIZE, FilterOf, OrderBy, PageArguments, query};
pub use connection::{Connection, Page, SHOWS_ROWS, children_of, root};
pub(super) use fields::lists;
pub(super) use order_input::order_input;
