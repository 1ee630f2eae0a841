//! Queues.

mod filter;
mod mutation;

use async_graphql::{Context, ID, Object};
use entity::{
    NotRead, PartialRow,
    queue::{Entity, Model},
};

pub use filter::{QueueFilter, QueueOrder};
pub use mutation::QueueMutation;

use super::workspace::{self, Workspace};
use crate::{
    graphql::{
        error::Result,
        listed::{ChildList, Listed, node},
        output::{Compiled, plain_fields},
        pagination::{lists, query, root},
        relations::{self, children},
    },
    store::{Order, conversation::ConversationParent, group::GroupSort, ticket::TicketParent},
};

/// A list in which tickets and conversations of one workspace wait for an agent. Corresponds to Kustomer's
/// queue. Customers do not see queues.
pub struct Queue(pub PartialRow<Model>);

node!(Queue(Model));

impl Listed for Entity {
    type Node = Queue;
    type FilterInput = QueueFilter;
    type OrderInput = QueueOrder;
    const NAME: &'static str = "Queue";
    const DEFAULT_ORDER: Order<GroupSort> = Order {
        field: GroupSort::CreatedAt,
        descending: false,
    };
    const CHILDREN: &'static [&'static dyn ChildList<Self>] = QueueChildren::ALL;
}

children! {
    QueueChildren of Entity;

    /// Tickets in the queue, newest first by default.
    tickets: ticket where parent: TicketParent::Queue;

    /// Conversations in the queue, newest first by default.
    conversations: conversation where parent: ConversationParent::Queue;
}

plain_fields!(Queue, relations::of::<Entity>: id, name);

/// A list in which tickets and conversations of one workspace wait for an agent. Corresponds to Kustomer's
/// queue. Customers do not see queues.
#[Object]
impl Queue {
    /// Opaque id. Begins with `queue_`.
    pub async fn id(&self) -> ID {
        self.0.id().into()
    }

    /// Workspace of the queue.
    async fn workspace(&self, ctx: &Context<'_>) -> Result<Compiled<Workspace>> {
        workspace::of(ctx, self.0.workspace_id()?).await
    }

    /// Name of the queue, for display.
    async fn name(&self) -> Result<&str, NotRead> {
        self.0.name()
    }

    /// Lists of rows that point to the queue.
    #[graphql(flatten)]
    async fn children(&self) -> QueueChildren {
        QueueChildren(self.0.id().into())
    }
}

/// Fields of the query root for queues.
#[derive(Default)]
pub struct QueueQuery;

lists! {
    impl QueueQuery {
        /// Lists the queues of the viewer's workspaces, oldest first by default. A workspace has at most 500 queues.
        /// Empty for a customer, who sees no queues.
        root queues(
            &self,
            ctx,
            list,
            #[graphql(
                desc = "Workspace whose queues are listed. All workspaces of the viewer when omitted or null."
            )]
            workspace_id: Option<ID>,
        ) of queue {
            root(ctx, query(ctx, workspace_id.as_ref(), list)?).await
        }
    }
}
