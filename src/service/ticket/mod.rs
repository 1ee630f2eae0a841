//! Use cases on tickets.

mod create;
mod update;

pub use create::{CreateTicket, Created, create};
pub use update::{TicketFields, UpdateTicket, Updated, enter, update};

/// Where a ticket comes from when nobody says.
pub const DEFAULT_SOURCE: &str = "api";
