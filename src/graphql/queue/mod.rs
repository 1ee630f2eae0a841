//! Queues.

mod mutation;

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use entity::queue::{Entity, Model};

pub use mutation::QueueMutation;

use super::{
    conversation::{ConversationFilter, ConversationOrder},
    error::Result,
    group,
    loaders::{ChildSlots, Loaders},
    output::{Compiled, plain_fields},
    pagination::{Connection, Listed, PageArguments, children, node},
    relations::{ChildList, Children},
    ticket::{TicketFilter, TicketOrder},
    workspace::{self, Workspace},
};
use crate::store::{conversation::ConversationParent, ticket::TicketParent};

/// A list in which tickets and conversations of one workspace wait for an agent. Corresponds to Kustomer's
/// queue. Customers do not see queues.
pub struct Queue(pub Arc<Model>);

node!(Queue(Model));

impl Listed for Entity {
    type Node = Queue;
    const NAME: &'static str = "Queue";
    const TAG: u8 = 7;
    const CHILDREN: &'static [&'static dyn ChildList<Self>] = &[
        &Children::<entity::ticket::Entity, TicketFilter, TicketOrder>::of("tickets", TicketParent::Queue),
        &Children::<entity::conversation::Entity, ConversationFilter, ConversationOrder>::of(
            "conversations",
            ConversationParent::Queue,
        ),
    ];

    fn slots(loaders: &Loaders) -> &ChildSlots<Self> {
        &loaders.queues
    }
}

plain_fields!(Queue, of Entity: id, name);

/// A list in which tickets and conversations of one workspace wait for an agent. Corresponds to Kustomer's
/// queue. Customers do not see queues.
#[Object]
impl Queue {
    /// Opaque id. Begins with `queue_`.
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// Workspace of the queue.
    async fn workspace(&self, ctx: &Context<'_>) -> Result<Compiled<Workspace>> {
        workspace::of(ctx, self.0.workspace_id).await
    }

    /// Name of the queue, for display.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Tickets in the queue, newest first.
    async fn tickets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Number of items from the start of the list: 0 to 100 by default. 20 if omitted.")]
        first: Option<i32>,
        #[graphql(desc = "Cursor of an item. The page starts after that item.")] after: Option<String>,
    ) -> Result<Connection<entity::ticket::Entity>> {
        let (filter, order) = (None::<TicketFilter>, None::<TicketOrder>);
        let page = PageArguments::forward(first, after);
        children(ctx, TicketParent::Queue, self.0.id.into(), filter, order, page).await
    }

    /// Conversations in the queue, newest first.
    async fn conversations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Number of items from the start of the list: 0 to 100 by default. 20 if omitted.")]
        first: Option<i32>,
        #[graphql(desc = "Cursor of an item. The page starts after that item.")] after: Option<String>,
    ) -> Result<Connection<entity::conversation::Entity>> {
        let (filter, order) = (None::<ConversationFilter>, None::<ConversationOrder>);
        let page = PageArguments::forward(first, after);
        children(
            ctx,
            ConversationParent::Queue,
            self.0.id.into(),
            filter,
            order,
            page,
        )
        .await
    }
}

/// Fields of the query root for queues.
#[derive(Default)]
pub struct QueueQuery;

#[Object]
impl QueueQuery {
    /// Lists the queues of the viewer's workspaces, oldest first. A workspace has at most 500 queues. Empty for
    /// a customer, who sees no queues.
    async fn queues(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Workspace whose queues are listed. All workspaces of the viewer when omitted or null."
        )]
        workspace_id: Option<ID>,
    ) -> Result<Vec<Compiled<Queue>>> {
        group::list::<Entity>(ctx, workspace_id.as_ref()).await
    }
}
