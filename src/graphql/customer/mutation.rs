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
        payload::{UserError, answer},
        scalars::ChangeCursor,
    },
    service::customer as service,
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
    /// The customer as it is now; null when there are userErrors.
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

impl CustomerPayload {
    fn new(written: std::result::Result<(service::Written, Option<UpsertResult>), Vec<UserError>>) -> Self {
        match written {
            Ok((written, result)) => Self {
                customer: Some(Customer(written.customer.into())),
                result,
                user_errors: Vec::new(),
                cursor: written.cursor.map(ChangeCursor),
            },
            Err(user_errors) => Self {
                user_errors,
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
    ) -> Result<CustomerPayload> {
        let request = (|| {
            Ok(service::UpsertCustomer {
                workspace: id::optional_input(&["workspaceId"], workspace_id.as_ref())?,
                identifier: identifier.map(|one| one.read(&["identifier"])).transpose()?,
                fields: input.into(),
            })
        })();
        let written = match request {
            Ok(request) => service::upsert(ctx.services(), ctx.viewer(), request).await,
            Err(error) => Err(crate::service::UserError::into(error)),
        };
        let written = answer(written)?.map(|(written, result)| (written, Some(result.into())));
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
    ) -> Result<CustomerPayload> {
        let written = match id::optional_input(&["workspaceId"], workspace_id.as_ref()) {
            Ok(workspace) => {
                let request = service::CreateCustomer {
                    workspace,
                    fields: input.into(),
                };
                service::create(ctx.services(), ctx.viewer(), request).await
            }
            Err(error) => Err(error.into()),
        };
        Ok(CustomerPayload::new(
            answer(written)?.map(|written| (written, Some(UpsertResult::Created))),
        ))
    }

    /// Deletes a customer with its tickets, conversations and messages, in one transaction and with one event for each
    /// of them. The change log keeps positions and ids, not what the events said.
    async fn customer_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom.")] id: ID,
    ) -> Result<CustomerDeletePayload> {
        let deleted = match id::input(&["id"], &id) {
            Ok(id) => service::delete(ctx.services(), ctx.viewer(), id).await,
            Err(error) => Err(error.into()),
        };
        let count = |count: usize| Some(i32::try_from(count).unwrap_or(i32::MAX));
        Ok(match answer(deleted)? {
            Ok(deleted) => CustomerDeletePayload {
                deleted_id: Some(deleted.id.into()),
                deleted_tickets: count(deleted.tickets),
                deleted_conversations: count(deleted.conversations),
                deleted_messages: count(deleted.messages),
                user_errors: Vec::new(),
                cursor: deleted.cursor.map(ChangeCursor),
            },
            Err(user_errors) => CustomerDeletePayload {
                user_errors,
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
    ) -> Result<CustomerPayload> {
        let written = match id::input(&["id"], &id) {
            Ok(id) => {
                let request = service::UpdateCustomer {
                    id,
                    fields: input.into(),
                };
                service::update(ctx.services(), ctx.viewer(), request).await
            }
            Err(error) => Err(error.into()),
        };
        Ok(CustomerPayload::new(answer(written)?.map(|written| {
            let result = if written.cursor.is_some() {
                UpsertResult::Updated
            } else {
                UpsertResult::Unchanged
            };
            (written, Some(result))
        })))
    }
}
