//! Mutations of customers.

use async_graphql::{Enum, ID, SimpleObject};

use super::{
    Customer,
    input::{CustomerIdentifier, CustomerInput},
};
use crate::{
    graphql::{
        id,
        mutate::mutations,
        payload::{UserError, refused},
        scalars::ChangeCursor,
    },
    service::customer as service,
};

/// Outcome of a mutation that creates or changes a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::UpsertResult")]
pub enum UpsertResult {
    /// The customer was created.
    Created,
    /// At least one field of the customer changed.
    Updated,
    /// The customer already had all given values. Nothing was written, and no event was recorded.
    Unchanged,
}

/// Result of a mutation that creates or changes a customer.
#[derive(Default, SimpleObject)]
pub struct CustomerPayload {
    /// The customer after the mutation. With `STALE_VERSION`, the customer as it is now, unchanged. Null with
    /// any other error.
    customer: Option<Customer>,
    /// What the mutation did: created the customer, changed it or left it unchanged. Null when `userErrors`
    /// is not empty.
    result: Option<UpsertResult>,
    /// Errors in the arguments. When the list is not empty, nothing was written.
    user_errors: Vec<UserError>,
    /// Position of the change in the change log of the workspace. Pass it as `after` to continue after this
    /// change. Null when nothing was written.
    change_cursor: Option<ChangeCursor>,
}

/// Result of `customerDelete`.
#[derive(Default, SimpleObject)]
pub struct CustomerDeletePayload {
    /// Id of the deleted customer. Null when `userErrors` is not empty.
    deleted_id: Option<ID>,
    /// The customer as it is now, when it was not deleted because of `STALE_VERSION`. Null in all other
    /// cases.
    customer: Option<Customer>,
    /// Number of tickets that were deleted with the customer. Null when `userErrors` is not empty.
    deleted_tickets: Option<i32>,
    /// Number of conversations that were deleted with the customer. Null when `userErrors` is not empty.
    deleted_conversations: Option<i32>,
    /// Number of messages that were deleted with the customer, including internal ones. Null when
    /// `userErrors` is not empty.
    deleted_messages: Option<i32>,
    /// Errors in the arguments. When the list is not empty, nothing was deleted.
    user_errors: Vec<UserError>,
    /// Position of the deletion in the change log of the workspace. Pass it as `after` to continue after it.
    /// Null when `userErrors` is not empty.
    change_cursor: Option<ChangeCursor>,
}

refused!(CustomerPayload, customer: Customer);
refused!(CustomerDeletePayload, customer: Customer);

impl From<(service::Written, service::UpsertResult)> for CustomerPayload {
    fn from((written, result): (service::Written, service::UpsertResult)) -> Self {
        Self {
            customer: Some(Customer(written.customer.into())),
            result: Some(result.into()),
            user_errors: Vec::new(),
            change_cursor: written.cursor.map(ChangeCursor),
        }
    }
}

impl From<service::Deleted> for CustomerDeletePayload {
    fn from(deleted: service::Deleted) -> Self {
        let count = |count: usize| Some(i32::try_from(count).unwrap_or(i32::MAX));
        Self {
            deleted_id: Some(deleted.id.into()),
            deleted_tickets: count(deleted.tickets),
            deleted_conversations: count(deleted.conversations),
            deleted_messages: count(deleted.messages),
            customer: None,
            user_errors: Vec::new(),
            change_cursor: deleted.cursor.map(ChangeCursor),
        }
    }
}

mutations! {
    /// Mutations of customers.
    CustomerMutation {
        /// Changes the customer that `identifier` or the email in `input` identifies, or creates it when it does
        /// not exist. Fields that are omitted keep their value. An `input.email` by which the customer was found,
        /// or which repeats the primary address, changes nothing, even in another spelling. Requires the grant
        /// `WRITE` and is not available to customers. Equivalent to `POST /customers` of Keva. Returns the
        /// customer, and in `result` whether it was created, changed or left unchanged. With `EMAIL_TAKEN` and
        /// `EXTERNAL_ID_TAKEN`, `existingId` is the customer that has the email or external id. Errors:
        /// `FORBIDDEN`, `WORKSPACE_REQUIRED`, `NOT_FOUND`, `REQUIRED`, `INVALID`, `TOO_LONG`, `EMAIL_TAKEN`,
        /// `EXTERNAL_ID_TAKEN`, `IDEMPOTENCY_KEY_REUSED`.
        customer_upsert(
            workspace_id: Option<ID> =
                "Workspace of the customer. When omitted or null, the workspace is the viewer's \
                 only one. A viewer with several workspaces must give it; otherwise the error is \
                 `WORKSPACE_REQUIRED`.",
            identifier: Option<CustomerIdentifier> =
                "Identifies the customer. When omitted or null, `input.email` identifies it, or \
                 the primary address in `input.emails`, or else the first. A new customer gets \
                 the email given here, unless `input` contains `email` or `emails`, or the \
                 external id given here, unless `input` contains `externalId`. An unknown `id` is \
                 refused with `NOT_FOUND`.",
            input: CustomerInput = "Fields of the customer.",
        ) -> CustomerPayload {
            input.upsert(workspace_id.as_ref(), identifier) => service::upsert
        }

        /// Creates a customer. Requires the grant `WRITE` and is not available to customers. Equivalent to POST
        /// in the REST APIs of C-Star and Kustomer. Returns the customer. With `EMAIL_TAKEN` and
        /// `EXTERNAL_ID_TAKEN`, `existingId` is the customer that has the email or external id. Errors:
        /// `FORBIDDEN`, `WORKSPACE_REQUIRED`, `NOT_FOUND`, `REQUIRED`, `INVALID`, `TOO_LONG`, `EMAIL_TAKEN`,
        /// `EXTERNAL_ID_TAKEN`, `IDEMPOTENCY_KEY_REUSED`.
        customer_create(
            workspace_id: Option<ID> =
                "Workspace of the customer. When omitted or null, the workspace is the viewer's \
                 only one. A viewer with several workspaces must give it; otherwise the error is \
                 `WORKSPACE_REQUIRED`.",
            input: CustomerInput = "Fields of the new customer: at least an email, a name or an external id.",
        ) -> CustomerPayload {
            input.create(workspace_id.as_ref()) => service::create, service::Written::created
        }

        /// Deletes a customer with all of its tickets, conversations and messages in one transaction. The change
        /// log records one event for each deleted object; earlier events keep their positions and ids, and their
        /// content is erased. Keyed hashes of ids, emails and telephone numbers are stored, so that imports skip
        /// the customer. Requires the grant `WRITE` and is not available to customers. Returns the id of the
        /// customer and the number of deleted objects. Errors: `FORBIDDEN`, `NOT_FOUND`, `INVALID`,
        /// `STALE_VERSION`, `IDEMPOTENCY_KEY_REUSED`.
        customer_delete(
            id: ID = "Id of the customer.",
            if_version: Option<i32> =
                "Version that the caller last read. When the stored version differs, nothing is \
                 written and the mutation returns `STALE_VERSION` with the customer as it is now. \
                 When omitted or null, the version is not checked.",
        ) -> CustomerDeletePayload {
            id::input(&["id"], &id).map(|id| service::DeleteCustomer { id, if_version }) => service::delete
        }

        /// Changes a customer. Fields that are omitted keep their value. Requires the grant `WRITE` and is not
        /// available to customers. Returns the customer after the change. With `EMAIL_TAKEN` and
        /// `EXTERNAL_ID_TAKEN`, `existingId` is the customer that has the email or external id. Errors:
        /// `FORBIDDEN`, `NOT_FOUND`, `REQUIRED`, `INVALID`, `TOO_LONG`, `EMAIL_TAKEN`, `EXTERNAL_ID_TAKEN`,
        /// `STALE_VERSION`, `IDEMPOTENCY_KEY_REUSED`.
        customer_update(
            id: ID = "Id of the customer.",
            input: CustomerInput = "Fields to change.",
            if_version: Option<i32> =
                "Version that the caller last read. When the stored version differs, nothing is \
                 written and the mutation returns `STALE_VERSION` with the customer as it is now. \
                 When omitted or null, the version is not checked.",
        ) -> CustomerPayload {
            input.update(&id, if_version) => service::update, service::Written::updated
        }
    }
}
