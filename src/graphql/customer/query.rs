//! The part of the query root on customers.

use async_graphql::{Context, ID, MaybeUndefined, Object};
use entity::customer::Entity;

use super::{Customer, CustomerFilter, filter::CustomerOrder, search};
use crate::{
    graphql::{
        context::ContextExt,
        error::{Result, from_store, workspace_required},
        filters::{self, Place},
        id,
        loaders::CustomerById,
        output::Compiled,
        pagination::{Connection, PageArguments, query, root},
    },
    store::{
        Columns, ListQuery, Order, Page,
        customer::{self as store, CustomerSort},
        filter::email_key,
        list,
    },
};

/// The part of the query root on customers.
#[derive(Default)]
pub struct CustomerQuery;

#[Object]
impl CustomerQuery {
    /// The customers of the viewer's workspaces.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn customers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of this workspace.")] workspace_id: Option<ID>,
        #[graphql(
            desc = "Only those who are found by these words, in any order, each the beginning of a word of a name, the \
                    username, the company, the external id or an address, without case and accents; or by four or more \
                    digits of a number. At most 16 words."
        )]
        search: MaybeUndefined<String>,
        #[graphql(desc = "Only customers that fit.")] filter: Option<CustomerFilter>,
        #[graphql(desc = "Default: CREATED_AT DESC.")] order_by: Option<CustomerOrder>,
        #[graphql(desc = "Number of items from the start of the list: 0 to 100. Default: 20.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Cursor of an item. The page starts after that item.")] after: Option<String>,
        #[graphql(
            desc = "Number of items from the end of the list: 0 to 100. Cannot be combined with `first`."
        )]
        last: Option<i32>,
        #[graphql(desc = "Cursor of an item. The page ends before that item.")] before: Option<String>,
        #[graphql(
            desc = "Number of items to skip from the start of the list: 0 to 10000. Cannot be combined with \
                    `last`, `after` or `before`."
        )]
        offset: Option<i32>,
    ) -> Result<Connection<Entity>> {
        let page = PageArguments {
            first,
            after,
            last,
            before,
            offset,
        };
        let mut query: ListQuery<Entity> = query(ctx, workspace_id.as_ref(), filter, order_by, page)?;
        query.filter.search = search::read(ctx, search, query.workspace).await?;
        root(ctx, query).await
    }

    /// One customer; null when there is none, or when it is not yours.
    async fn customer(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Id of a customer.")] id: ID,
    ) -> Result<Option<Compiled<Customer>>> {
        let id = id::argument("id", &id)?;
        Ok(ctx
            .loaders()
            .load_root(CustomerById(id))
            .await?
            .map(Customer)
            .map(Compiled))
    }

    /// The customer with this email among its addresses, compared without the case of A to Z; null when there is none, or when it is not yours. When
    /// several of the viewer's workspaces know the email, say which workspace is meant.
    async fn customer_by_email(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The whole address.")] email: String,
        #[graphql(desc = "Only in this workspace.")] workspace_id: Option<ID>,
    ) -> Result<Option<Compiled<Customer>>> {
        let email = filters::text(email, &Place::argument("email"))?;
        if email.is_empty() {
            return Ok(None);
        }
        let filter = store::CustomerFilter {
            any_email: Some(email_key(&email)),
            ..store::CustomerFilter::default()
        };
        the_one(ctx, workspace_id.as_ref(), filter).await
    }

    /// The customer with this id of the caller's own, compared with case; null when there is none, or when it is not
    /// yours. When several of the viewer's workspaces know it, say which workspace is meant.
    async fn customer_by_external_id(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The whole id.")] external_id: String,
        #[graphql(desc = "Only in this workspace.")] workspace_id: Option<ID>,
    ) -> Result<Option<Compiled<Customer>>> {
        let filter = store::CustomerFilter {
            exact_external_id: Some(filters::text(external_id, &Place::argument("externalId"))?),
            ..store::CustomerFilter::default()
        };
        the_one(ctx, workspace_id.as_ref(), filter).await
    }
}

/// The one customer that fits, of the workspace that is meant.
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
