//! Use cases on customers.

mod addresses;
mod create;
mod delete;
mod fields;
mod figures;
mod identify;
mod taken;
mod told;
mod update;
mod upsert;

pub use addresses::{ADDRESSES_MAX, EmailInput, PhoneInput, has_address};
pub use create::{CreateCustomer, create};
pub use delete::{DeleteCustomer, Deleted, delete};
pub use fields::CustomerFields;
pub use figures::{average_resolution_seconds, ticket_made, ticket_moved};
pub use identify::{CustomerIdentifier, find_or_make};
pub use told::{each_cleared, keep_own, own_recorded};
pub use update::{UpdateCustomer, update};
pub use upsert::{UpsertCustomer, UpsertResult, upsert};

use std::borrow::Cow;

use entity::{CustomerId, Timestamp, WorkspaceId, customer};

use crate::events::ChangeCursor;

/// Result of a use case on a customer.
#[derive(Clone, Debug)]
pub struct Written {
    pub customer: customer::Model,
    /// Cursor in the change log. `None` if nothing changed.
    pub cursor: Option<ChangeCursor>,
}

/// Returns the name to display: the display name, or else the name, the first and last name, the email
/// address, or the id in the caller's system.
pub fn display_name(row: &customer::Model) -> Cow<'_, str> {
    let name = row.display_name.as_deref().or(row.name.as_deref());
    let (first, last) = (row.first_name.as_deref(), row.last_name.as_deref());
    match (name, first, last) {
        (None, Some(first), Some(last)) => format!("{first} {last}").into(),
        _ => name
            .or(first)
            .or(last)
            .or(row.email.as_deref())
            .or(row.external_id.as_deref())
            .unwrap_or("Customer")
            .into(),
    }
}

/// Builds a customer without any fields.
pub fn blank(id: CustomerId, workspace: WorkspaceId, now: Timestamp) -> customer::Model {
    customer::Model {
        id,
        workspace_id: workspace,
        created_at: now,
        updated_at: now,
        version: 1,
        ..customer::Model::default()
    }
}
