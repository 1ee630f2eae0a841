//! Queries for tickets.

use async_graphql::{Context, ID, Object};
use entity::ticket::Entity;

use super::{Ticket, TicketFilter, TicketOrder};
use crate::graphql::{
    context::ContextExt,
    error::Result,
    id,
    loaders::TicketById,
    output::Compiled,
    pagination::{Connection, PageArguments, query, root},
};

/// Queries for tickets.
#[derive(Default)]
pub struct TicketQuery;

#[Object]
impl TicketQuery {
    /// Lists the tickets of the viewer's workspaces, newest first by default. A customer sees only its own
    /// tickets.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn tickets(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Workspace whose tickets are listed. All workspaces of the viewer when omitted or null."
        )]
        workspace_id: Option<ID>,
        #[graphql(desc = "Conditions that the tickets meet. All tickets when omitted or null.")]
        filter: Option<TicketFilter>,
        #[graphql(desc = "Sort order. Default: `CREATED_AT` with `DESC`.")] order_by: Option<TicketOrder>,
        #[graphql(desc = "Number of items from the start of the list: 0 to 100 by default. 20 if omitted.")]
        first: Option<i32>,
        #[graphql(desc = "Cursor of an item. The page starts after that item.")] after: Option<String>,
        #[graphql(
            desc = "Number of items from the end of the list: 0 to 100 by default. Cannot be combined with \
                    `first`."
        )]
        last: Option<i32>,
        #[graphql(desc = "Cursor of an item. The page ends before that item.")] before: Option<String>,
        #[graphql(
            desc = "Number of items to skip from the start of the list: 0 to 10000 by default. Cannot be \
                    combined with `last`, `after` or `before`."
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
        let query = query(ctx, workspace_id.as_ref(), filter, order_by, page)?;
        root(ctx, query).await
    }

    /// Returns one ticket. Null when it does not exist or the viewer does not see it.
    async fn ticket(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Id of the ticket.")] id: ID,
    ) -> Result<Option<Compiled<Ticket>>> {
        let id = id::argument("id", &id)?;
        Ok(ctx
            .loaders()
            .load_root(TicketById(id))
            .await?
            .map(Ticket)
            .map(Compiled))
    }
}
