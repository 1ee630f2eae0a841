//! Use cases on tickets.

mod create;
mod fields;
mod follow_up;
mod update;

pub use create::{CreateTicket, Created, create};
pub use fields::{TicketFields, blank, enter};
pub use follow_up::follow_up;
pub use update::{UpdateTicket, Updated, update};

/// Default origin of a ticket.
pub const DEFAULT_SOURCE: &str = "api";
