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
use crate::store::{conversation::ConversationParent, group::GroupSort, ticket::TicketParent};

/// Where work waits (Kustomer).
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

    fn sort_tag(GroupSort::CreatedAt: GroupSort) -> u8 {
        0
    }

    fn sorts_text(GroupSort::CreatedAt: GroupSort) -> bool {
        false
    }

    fn slots(loaders: &Loaders) -> &ChildSlots<Self> {
        &loaders.queues
    }
}

plain_fields!(Queue, of Entity: id, name);

/// Where work waits (Kustomer).
#[Object]
impl Queue {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// The workspace that the queue belongs to.
    async fn workspace(&self, ctx: &Context<'_>) -> Result<Compiled<Workspace>> {
        workspace::of(ctx, self.0.workspace_id).await
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The tickets that wait in it, newest first.
    async fn tickets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning: 0 to 100, 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Only what lies behind this cursor.")] after: Option<String>,
    ) -> Result<Connection<entity::ticket::Entity>> {
        let (filter, order) = (None::<TicketFilter>, None::<TicketOrder>);
        let page = PageArguments::forward(first, after);
        children(ctx, TicketParent::Queue, self.0.id.into(), filter, order, page).await
    }

    /// The conversations that wait in it, newest first.
    async fn conversations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning: 0 to 100, 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Only what lies behind this cursor.")] after: Option<String>,
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

/// The part of the query root on queues.
#[derive(Default)]
pub struct QueueQuery;

#[Object]
impl QueueQuery {
    /// The queues of the viewer's workspaces, oldest first. Not shown to customers.
    async fn queues(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of this workspace.")] workspace_id: Option<ID>,
    ) -> Result<Vec<Compiled<Queue>>> {
        group::list::<Entity>(ctx, workspace_id.as_ref()).await
    }
}
