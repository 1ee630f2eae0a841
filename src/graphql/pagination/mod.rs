//! The one way in which lists are shown: Relay connections over keyset cursors.

mod arguments;
mod connection;
mod cursor;

pub use arguments::{Limits, PageArguments};
pub use connection::{Connection, Listed, children, root};
