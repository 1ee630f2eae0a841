//! The part of the mutation root on customers.

use async_graphql::{Context, Enum, ID, Object, SimpleObject};

use super::{
    Customer,
    input::{CustomerIdentifier, CustomerInput},
};
use crate::{
    graphql::{
        context::ContextExt,
        error::Result,
        id,
        mutate::run,
        payload::{Refusal, UserError},
        scalars::ChangeCursor,
    },
    service::{Current, customer as service},
};

/// What a mutation of a customer did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "service::UpsertResult")]
pub enum UpsertResult {
    /// The customer was made.
    Created,
    /// Fields of the customer changed.
    Updated,
    /// Every field was as given already: nothing was written, and there is no event.
    Unchanged,
}

/// What a mutation of a customer answers.
#[derive(Default, SimpleObject)]
pub struct CustomerPayload {
    /// The customer as it is now; null when there are userErrors, but for `STALE_VERSION`.
    customer: Option<Customer>,
    /// What was done; null when there are userErrors.
    result: Option<UpsertResult>,
    /// What is wrong with the arguments. When there is anything, nothing was written.
    user_errors: Vec<UserError>,
    /// Where the change log stands behind this change; null when nothing changed.
    cursor: Option<ChangeCursor>,
}

/// What the deletion of a customer answers.
#[derive(Default, SimpleObject)]
pub struct CustomerDeletePayload {
    /// The customer that is gone; null when there are userErrors.
    deleted_id: Option<ID>,
    /// The customer as it is now when it was not deleted for `STALE_VERSION`; null otherwise.
    customer: Option<Customer>,
    /// How many tickets went; null when there are userErrors.
    deleted_tickets: Option<i32>,
    /// How many conversations went; null when there are userErrors.
    deleted_conversations: Option<i32>,
    /// How many messages went; null when there are userErrors.
    deleted_messages: Option<i32>,
    /// What is wrong with the arguments. When there is anything, nothing was deleted.
    user_errors: Vec<UserError>,
    /// Where the change log stands behind the deletion; null when there are userErrors.
    cursor: Option<ChangeCursor>,
}

/// The customer that a refusal tells of.
fn customer(current: Option<Current>) -> Option<Customer> {
    match current {
        Some(Current::Customer(row)) => Some(Customer((*row).into())),
        _ => None,
    }
}

impl CustomerPayload {
    fn new(written: std::result::Result<(service::Written, Option<UpsertResult>), Refusal>) -> Self {
        match written {
            Ok((written, result)) => Self {
                customer: Some(Customer(written.customer.into())),
                result,
                user_errors: Vec::new(),
                cursor: written.cursor.map(ChangeCursor),
            },
            Err(refusal) => Self {
                customer: customer(refusal.current),
                user_errors: refusal.user_errors,
                ..Self::default()
            },
        }
    }
}

/// The part of the mutation root on customers.
#[derive(Default)]
pub struct CustomerMutation;

#[Object]
impl CustomerMutation {
    /// Keva's POST /customers: found by email (or identifier) and changed, else made. Absent fields are never cleared;
    /// UNCHANGED writes no event.
    async fn customer_upsert(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where; the viewer's only workspace when absent.")] workspace_id: Option<ID>,
        #[graphql(desc = "Whom; found by input.email when absent.")] identifier: Option<CustomerIdentifier>,
        #[graphql(desc = "What is known of the customer.")] input: CustomerInput,
        #[graphql(
            desc = "Idempotency key, up to 255 characters. A repeated request with the same key returns the \
                    first result without running again. Keys are kept for 24 hours."
        )]
        idempotency_key: Option<String>,
    ) -> Result<CustomerPayload> {
        let request = (|| {
            Ok(service::UpsertCustomer {
                workspace: id::optional_input(&["workspaceId"], workspace_id.as_ref())?,
                identifier: identifier.map(|one| one.read(&["identifier"])).transpose()?,
                fields: input.into(),
            })
        })();
        let viewer = ctx.viewer();
        let written = run(ctx, idempotency_key, request, |services, request| async move {
            service::upsert(&services, viewer, request).await
        });
        let written = written
            .await?
            .map(|(written, result)| (written, Some(result.into())));
        Ok(CustomerPayload::new(written))
    }

    /// C-Star's and Kustomer's POST. A taken email is `EMAIL_TAKEN` with existingId, a taken external id is
    /// `EXTERNAL_ID_TAKEN`.
    async fn customer_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Where; the viewer's only workspace when absent.")] workspace_id: Option<ID>,
        #[graphql(desc = "What is known of the customer: at least an email, a name or an external id.")]
        input: CustomerInput,
        #[graphql(
            desc = "Idempotency key, up to 255 characters. A repeated request with the same key returns the \
                    first result without running again. Keys are kept for 24 hours."
        )]
        idempotency_key: Option<String>,
    ) -> Result<CustomerPayload> {
        let workspace = id::optional_input(&["workspaceId"], workspace_id.as_ref());
        let request = workspace.map(|workspace| service::CreateCustomer {
            workspace,
            fields: input.into(),
        });
        let viewer = ctx.viewer();
        let written = run(ctx, idempotency_key, request, |services, request| async move {
            service::create(&services, viewer, request).await
        });
        Ok(CustomerPayload::new(
            written
                .await?
                .map(|written| (written, Some(UpsertResult::Created))),
        ))
    }

    /// Deletes a customer with its tickets, conversations and messages, in one transaction and with one event for each
    /// of them. The change log keeps positions and ids, not what the events said. Keyed hashes of its ids and addresses are kept,
    /// by which imports know the customer and leave it out.
    async fn customer_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] id: ID,
        #[graphql(
            desc = "Version that the caller last read. When the stored version differs, nothing is written \
                    and the mutation returns `STALE_VERSION` with the customer as it is now. When omitted, \
                    the version is not checked."
        )]
        if_version: Option<i32>,
        #[graphql(
            desc = "Idempotency key, up to 255 characters. A repeated request with the same key returns the \
                    first result without running again. Keys are kept for 24 hours."
        )]
        idempotency_key: Option<String>,
    ) -> Result<CustomerDeletePayload> {
        let request = id::input(&["id"], &id).map(|id| service::DeleteCustomer { id, if_version });
        let viewer = ctx.viewer();
        let deleted = run(ctx, idempotency_key, request, |services, request| async move {
            service::delete(&services, viewer, request).await
        });
        let count = |count: usize| Some(i32::try_from(count).unwrap_or(i32::MAX));
        Ok(match deleted.await? {
            Ok(deleted) => CustomerDeletePayload {
                deleted_id: Some(deleted.id.into()),
                deleted_tickets: count(deleted.tickets),
                deleted_conversations: count(deleted.conversations),
                deleted_messages: count(deleted.messages),
                customer: None,
                user_errors: Vec::new(),
                cursor: deleted.cursor.map(ChangeCursor),
            },
            Err(refusal) => CustomerDeletePayload {
                customer: customer(refusal.current),
                user_errors: refusal.user_errors,
                ..CustomerDeletePayload::default()
            },
        })
    }

    /// Changes fields of a customer.
    async fn customer_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] id: ID,
        #[graphql(desc = "An absent field is left alone and null clears it.")] input: CustomerInput,
        #[graphql(
            desc = "Version that the caller last read. When the stored version differs, nothing is written \
                    and the mutation returns `STALE_VERSION` with the customer as it is now. When omitted, \
                    the version is not checked."
        )]
        if_version: Option<i32>,
        #[graphql(
            desc = "Idempotency key, up to 255 characters. A repeated request with the same key returns the \
                    first result without running again. Keys are kept for 24 hours."
        )]
        idempotency_key: Option<String>,
    ) -> Result<CustomerPayload> {
        let request = id::input(&["id"], &id).map(|id| service::UpdateCustomer {
            id,
            if_version,
            fields: input.into(),
        });
        let viewer = ctx.viewer();
        let written = run(ctx, idempotency_key, request, |services, request| async move {
            service::update(&services, viewer, request).await
        });
        Ok(CustomerPayload::new(written.await?.map(|written| {
            let result = if written.cursor.is_some() {
                UpsertResult::Updated
            } else {
                UpsertResult::Unchanged
            };
            (written, Some(result))
        })))
    }
}
