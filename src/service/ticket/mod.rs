//! Use cases on tickets.

mod create;
mod follow_up;
mod update;

pub use create::{CreateTicket, Created, create};
pub use follow_up::follow_up;
pub use update::{TicketFields, UpdateTicket, Updated, enter, update};

/// Default origin of a ticket.
pub const DEFAULT_SOURCE: &str = "api";
