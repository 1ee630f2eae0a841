//! Queries for tickets.

use async_graphql::{Context, ID, Object};

use super::Ticket;
use crate::graphql::{
    context::ContextExt,
    error::Result,
    id,
    loaders::TicketById,
    output::Compiled,
    pagination::{lists, query, root},
};

/// Queries for tickets.
#[derive(Default)]
pub struct TicketQuery;

#[Object]
impl TicketQuery {
    /// The list of tickets.
    #[graphql(flatten)]
    async fn list(&self) -> TicketList {
        TicketList
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

/// The list of tickets.
pub struct TicketList;

lists! {
    impl TicketList {
        /// Lists the tickets of the viewer's workspaces, newest first by default. A customer sees only its own
        /// tickets.
        root tickets(
            &self,
            ctx,
            list,
            #[graphql(
                desc = "Workspace whose tickets are listed. All workspaces of the viewer when omitted or null."
            )]
            workspace_id: Option<ID>,
        ) of ticket {
            root(ctx, query(ctx, workspace_id.as_ref(), list)?).await
        }
    }
}
