//! Queries for customers.

use async_graphql::{Context, ID, MaybeUndefined, Object};
use entity::customer::Entity;

use super::{Customer, search};
use crate::{
    graphql::{
        context::ContextExt,
        error::{Result, from_store, workspace_required},
        filters::{self, ArgumentPath},
        id,
        loaders::CustomerById,
        output::Compiled,
        pagination::{lists, query, root},
    },
    store::{
        Columns, ListQuery, Order, Page,
        customer::{self as store, CustomerSort},
        filter::email_key,
        list,
    },
};

/// Queries for customers.
#[derive(Default)]
pub struct CustomerQuery;

#[Object]
impl CustomerQuery {
    /// The list of customers.
    #[graphql(flatten)]
    async fn list(&self) -> CustomerList {
        CustomerList
    }

    /// Returns one customer. Null when it does not exist or the viewer does not see it.
    async fn customer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Id of the customer.")] id: ID,
    ) -> Result<Option<Compiled<Customer>>> {
        let id = id::argument("id", &id)?;
        Ok(ctx
            .loaders()
            .load_root(CustomerById(id))
            .await?
            .map(Customer)
            .map(Compiled))
    }

    /// Returns the customer that has this email as one of its addresses, compared without the case of A to Z.
    /// Null when it does not exist or the viewer does not see it. The error is `WORKSPACE_REQUIRED` when
    /// `workspaceId` is omitted or null and customers in several workspaces of the viewer have the email.
    async fn customer_by_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whole email address: up to 500 characters.")] email: String,
        #[graphql(desc = "Workspace of the customer. All workspaces of the viewer when omitted or null.")]
        workspace_id: Option<ID>,
    ) -> Result<Option<Compiled<Customer>>> {
        let email = filters::text(email, &ArgumentPath::argument("email"))?;
        if email.is_empty() {
            return Ok(None);
        }
        let filter = store::CustomerFilter {
            exact_email: Some(email_key(&email)),
            ..store::CustomerFilter::default()
        };
        the_one(ctx, workspace_id.as_ref(), filter).await
    }

    /// Returns the customer that has this id in the caller's own system, compared with case. Null when it
    /// does not exist or the viewer does not see it. The error is `WORKSPACE_REQUIRED` when `workspaceId` is
    /// omitted or null and customers in several workspaces of the viewer have the id.
    async fn customer_by_external_id(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whole external id: up to 500 characters.")] external_id: String,
        #[graphql(desc = "Workspace of the customer. All workspaces of the viewer when omitted or null.")]
        workspace_id: Option<ID>,
    ) -> Result<Option<Compiled<Customer>>> {
        let filter = store::CustomerFilter {
            exact_external_id: Some(filters::text(external_id, &ArgumentPath::argument("externalId"))?),
            ..store::CustomerFilter::default()
        };
        the_one(ctx, workspace_id.as_ref(), filter).await
    }
}

/// Returns the matching customer. `WORKSPACE_REQUIRED` if customers of several workspaces match.
async fn the_one(
    ctx: &Context<'_>,
    workspace: Option<&ID>,
    filter: store::CustomerFilter,
) -> Result<Option<Compiled<Customer>>> {
    let query = ListQuery::<Entity> {
        workspace: id::optional("workspaceId", workspace)?,
        filter,
        order: Order {
            field: CustomerSort::Email,
            descending: false,
        },
        page: Page::beginning(1),
    };
    let found = list::list::<Entity>(
        &ctx.services().db,
        &ctx.viewer().scope(),
        &query,
        Columns::ALL,
        &[],
    )
    .await;
    let found = found.map_err(from_store)?;
    if found.has_next {
        return Err(workspace_required());
    }
    Ok(found.rows.into_iter().next().map(|row| Compiled(Customer(row))))
}

/// The list of customers.
pub struct CustomerList;

lists! {
    impl CustomerList {
        /// Lists the customers of the viewer's workspaces, newest first by default. A customer sees only itself.
        root customers(
            &self,
            ctx,
            list,
            #[graphql(
                desc = "Workspace whose customers are listed. All workspaces of the viewer when omitted or null."
            )]
            workspace_id: Option<ID>,
            #[graphql(
                desc = "Words that the customers match, in any order: each is the beginning of a word in a name, \
                        the username, the company, the external id or an email, compared without case and \
                        accents. Four or more digits match a part of a telephone number. Up to 16 words and 128 \
                        characters. All customers when omitted or blank. Null is refused. The error is \
                        `UNAVAILABLE` while customers are being indexed."
            )]
            search: MaybeUndefined<String>,
        ) of customer {
            let mut query = query::<Entity>(ctx, workspace_id.as_ref(), list)?;
            query.filter.search = search::read(ctx, search, query.workspace).await?;
            root(ctx, query).await
        }
    }
}
