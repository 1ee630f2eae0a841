//! Agents.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, Object};
use entity::{
    agent,
    agent::{Entity, Model},
};

use super::{
    context::ContextExt,
    error::Result,
    filters::{self, Place},
    id,
    loaders::{AgentById, ChildSlots, Loaders},
    pagination::{Connection, Listed, PageArguments, children, root},
    scalars::DateTime,
    ticket::{TicketFilter, TicketOrder},
    workspace::{self, Workspace},
};
use crate::store::{
    ListQuery, Order,
    agent::{AgentFilter, AgentSort},
    ticket::TicketParent,
};

/// What an agent may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "agent::Role")]
pub enum AgentRole {
    /// Answers customers, and manages agents, keys and settings.
    Admin,
    /// Answers customers.
    Agent,
}

/// A person who answers; Kustomer's user, Keva's assignedTo.
pub struct Agent(pub Arc<Model>);

impl From<Arc<Model>> for Agent {
    fn from(row: Arc<Model>) -> Self {
        Self(row)
    }
}

impl Listed for Entity {
    type Node = Agent;
    const NAME: &'static str = "Agent";
    const TAG: u8 = 5;

    fn sort_tag(sort: AgentSort) -> u8 {
        match sort {
            AgentSort::CreatedAt => 0,
        }
    }

    fn sorts_text(sort: AgentSort) -> bool {
        match sort {
            AgentSort::CreatedAt => false,
        }
    }

    fn slots(loaders: &Loaders) -> &ChildSlots<Self> {
        &loaders.agents
    }
}

/// A person who answers; Kustomer's user, Keva's assignedTo.
#[Object]
impl Agent {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// The workspace that the agent works in.
    async fn workspace(&self, ctx: &Context<'_>) -> Result<Workspace> {
        workspace::of(ctx, self.0.workspace_id).await
    }

    /// Full name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Address; unique among the agents of the workspace.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// What the agent may do.
    async fn role(&self) -> AgentRole {
        self.0.role.into()
    }

    /// When the agent was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// The tickets that the agent has.
    async fn tickets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only tickets that fit.")] filter: Option<TicketFilter>,
        #[graphql(desc = "Default: CREATED_AT DESC.")] order_by: Option<TicketOrder>,
        #[graphql(desc = "How many from the beginning: 1 to 100, 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Only what lies behind this cursor.")] after: Option<String>,
    ) -> Result<Connection<entity::ticket::Entity>> {
        let page = PageArguments {
            first,
            after,
            ..PageArguments::default()
        };
        children(ctx, TicketParent::Agent, self.0.id.into(), filter, order_by, page).await
    }
}

/// The part of the query root on agents.
#[derive(Default)]
pub struct AgentQuery;

#[Object]
impl AgentQuery {
    /// The agents of the viewer's workspaces, newest first. A customer sees those who had to do with it.
    async fn agents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of this workspace.")] workspace_id: Option<ID>,
        #[graphql(desc = "Only those in whose name or email this stands, without case.")] search: Option<
            String,
        >,
        #[graphql(desc = "How many from the beginning: 1 to 100, 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Only what lies behind this cursor.")] after: Option<String>,
    ) -> Result<Connection<Entity>> {
        let order = Order {
            field: AgentSort::CreatedAt,
            descending: true,
        };
        let page = PageArguments {
            first,
            after,
            ..PageArguments::default()
        };
        let query = ListQuery::<Entity> {
            workspace: id::optional("workspaceId", workspace_id.as_ref())?,
            filter: AgentFilter {
                search: filters::text(search, &Place::argument("search"))?,
            },
            order,
            page: page.read::<Entity>(ctx.limits(), order)?,
        };
        root(ctx, query).await
    }

    /// One agent; null when there is none, or when it is not yours.
    async fn agent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Id of an agent.")] id: ID,
    ) -> Result<Option<Agent>> {
        let id = id::argument("id", &id)?;
        Ok(ctx.loaders().load(AgentById(id)).await?.map(Agent))
    }
}
