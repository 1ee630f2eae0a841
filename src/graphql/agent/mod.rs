//! Agents.

mod mutation;

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, MaybeUndefined, Object};
use entity::{
    agent,
    agent::{Entity, Model},
};

pub use mutation::AgentMutation;

use super::{
    context::ContextExt,
    error::Result,
    filters, id,
    loaders::{AgentById, ChildSlots, Loaders, MembersOf},
    output::{Compiled, enum_leaves, plain_fields},
    pagination::{Connection, Listed, PageArguments, children, children_of, node, root},
    relations::{ChildList, Children},
    scalars::DateTime,
    team::Team,
    ticket::{TicketFilter, TicketOrder},
    workspace::{self, Workspace},
};
use crate::store::{
    ListQuery, Order,
    agent::{AgentFilter, AgentParent, AgentSort},
    link::TeamsOfAgent,
    ticket::TicketParent,
};

/// How agents are listed.
const NEWEST: Order<AgentSort> = Order {
    field: AgentSort::CreatedAt,
    descending: true,
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

node!(Agent(Model));

impl Listed for Entity {
    type Node = Agent;
    const NAME: &'static str = "Agent";
    const TAG: u8 = 5;
    const CHILDREN: &'static [&'static dyn ChildList<Self>] = &[&Children::<
        entity::ticket::Entity,
        TicketFilter,
        TicketOrder,
    >::of("tickets", TicketParent::Agent)];

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

enum_leaves!(AgentRole);

plain_fields!(Agent, of Entity: id, name, email, role, created_at, is_active);

/// A person who answers; Kustomer's user, Keva's assignedTo.
#[Object]
impl Agent {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// The workspace that the agent works in.
    async fn workspace(&self, ctx: &Context<'_>) -> Result<Compiled<Workspace>> {
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

    /// The teams that the agent is in. Not shown to customers.
    async fn teams(&self, ctx: &Context<'_>) -> Result<Vec<Compiled<Team>>> {
        let question = MembersOf::<TeamsOfAgent>::new(self.0.id);
        let found = ctx.loaders().load(question).await?.unwrap_or_default();
        Ok(found.into_iter().map(Team).map(Compiled).collect())
    }

    /// When the agent was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// False for an agent who no longer works here: its tokens are refused, and what it has stays with it until it is given
    /// to another.
    async fn is_active(&self) -> bool {
        self.0.is_active
    }

    /// The tickets that the agent has.
    async fn tickets(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only tickets that fit.")] filter: Option<TicketFilter>,
        #[graphql(desc = "Default: CREATED_AT DESC.")] order_by: Option<TicketOrder>,
        #[graphql(desc = "How many from the beginning: 0 to 100, 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Only what lies behind this cursor.")] after: Option<String>,
    ) -> Result<Connection<entity::ticket::Entity>> {
        let page = PageArguments::forward(first, after);
        children(ctx, TicketParent::Agent, self.0.id.into(), filter, order_by, page).await
    }
}

/// The agents of a workspace that the viewer was given.
pub async fn of(
    ctx: &Context<'_>,
    id: entity::WorkspaceId,
    page: PageArguments,
) -> Result<Connection<Entity>> {
    let query = ListQuery::<Entity> {
        workspace: None,
        filter: AgentFilter::default(),
        order: NEWEST,
        page: page.read::<Entity>(ctx.limits(), NEWEST)?,
    };
    children_of(ctx, AgentParent::Workspace, id.into(), query).await
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
        #[graphql(
            desc = "Only those in whose name or email this stands: names without case and accents, addresses without the case of A to Z."
        )]
        search: MaybeUndefined<String>,
        #[graphql(desc = "Only those who work here, or only those who no longer do.")]
        is_active: MaybeUndefined<bool>,
        #[graphql(desc = "How many from the beginning: 0 to 100, 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Only what lies behind this cursor.")] after: Option<String>,
    ) -> Result<Connection<Entity>> {
        let page = PageArguments::forward(first, after);
        let query = ListQuery::<Entity> {
            workspace: id::optional("workspaceId", workspace_id.as_ref())?,
            filter: AgentFilter {
                search: filters::search(search)?,
                is_active: filters::argument("isActive", is_active, filters::plain)?,
            },
            order: NEWEST,
            page: page.read::<Entity>(ctx.limits(), NEWEST)?,
        };
        root(ctx, query).await
    }

    /// One agent; null when there is none, or when it is not yours.
    async fn agent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Id of an agent.")] id: ID,
    ) -> Result<Option<Compiled<Agent>>> {
        let id = id::argument("id", &id)?;
        Ok(ctx.loaders().load(AgentById(id)).await?.map(Agent).map(Compiled))
    }
}
