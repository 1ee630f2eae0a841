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

impl Written {
    /// Result of a creation.
    pub fn created(self) -> (Self, UpsertResult) {
        (self, UpsertResult::Created)
    }

    /// Result of an update, which has no cursor if nothing changed.
    pub fn updated(self) -> (Self, UpsertResult) {
        let result = if self.cursor.is_some() {
            UpsertResult::Updated
        } else {
            UpsertResult::Unchanged
        };
        (self, result)
    }
}

/// Values of a customer from which the name to display is chosen.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// Display name that was set.
    pub display_name: Option<&'a str>,
    /// Full name.
    pub name: Option<&'a str>,
    /// Given name.
    pub first_name: Option<&'a str>,
    /// Family name.
    pub last_name: Option<&'a str>,
    /// Primary email address.
    pub email: Option<&'a str>,
    /// Id in the caller's system.
    pub external_id: Option<&'a str>,
}

/// Returns the name to display: the display name, or else the name, the first and last name, the email
/// address, or the id in the caller's system.
pub fn display_name(names: Names<'_>) -> Cow<'_, str> {
    let name = names.display_name.or(names.name);
    match (name, names.first_name, names.last_name) {
        (None, Some(first), Some(last)) => format!("{first} {last}").into(),
        (name, first, last) => name
            .or(first)
            .or(last)
            .or(names.email)
            .or(names.external_id)
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
