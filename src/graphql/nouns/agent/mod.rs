//! Agents.

mod filter;
mod mutation;

use async_graphql::{Context, Enum, ID, MaybeUndefined, Object};
use entity::{
    NotRead, PartialRow, agent,
    agent::{Entity, Model},
};

pub use filter::{AgentFilter, AgentOrder};
pub use mutation::AgentMutation;

use super::{
    team::Team,
    workspace::{self, Workspace},
};
use crate::{
    graphql::{
        context::ContextExt,
        error::Result,
        filters, id,
        listed::{ChildList, Listed, node},
        loaders::{AgentById, MembersOf},
        output::{Compiled, enum_leaves, plain_fields},
        pagination::{lists, query, root},
        relations::{self, children},
        scalars::DateTime,
    },
    store::{Order, agent::AgentSort, link::TeamsOfAgent, ticket::TicketParent},
};

/// Role of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "agent::Role")]
pub enum AgentRole {
    /// The agent answers customers. A token with this role has the grants `READ`, `WRITE` and `CUSTOMER_NOTES`.
    Agent,
    /// The agent answers customers and manages agents, teams, queues and API keys. A token with this role has
    /// the grants `READ`, `WRITE`, `CUSTOMER_NOTES` and `ADMIN`.
    Admin,
}

/// A person who answers customers, in one workspace. Corresponds to Kustomer's user and to Keva's `assignedTo`.
/// A customer sees only the agents who are assigned to one of its tickets or conversations, or who wrote to it.
pub struct Agent(pub PartialRow<Model>);

node!(Agent(Model));

impl Listed for Entity {
    type Node = Agent;
    type FilterInput = AgentFilter;
    type OrderInput = AgentOrder;
    const NAME: &'static str = "Agent";
    const DEFAULT_ORDER: Order<AgentSort> = Order {
        field: AgentSort::CreatedAt,
        descending: true,
    };
    const CHILDREN: &'static [&'static dyn ChildList<Self>] = AgentChildren::ALL;

    fn computed(field: &str) -> Option<&'static [&'static str]> {
        (field == "displayName").then_some(&["name"])
    }
}

children! {
    AgentChildren of Entity;

    /// Tickets that are assigned to the agent and that the viewer sees, newest first by default.
    tickets: ticket where parent: TicketParent::Agent;
}

enum_leaves!(AgentRole of agent::Role);

plain_fields!(Agent, relations::of::<Entity>: id, name, display_name, email, role, created_at, is_active);

/// A person who answers customers, in one workspace. Corresponds to Kustomer's user and to Keva's `assignedTo`.
/// A customer sees only the agents who are assigned to one of its tickets or conversations, or who wrote to it.
#[Object]
impl Agent {
    /// Opaque id. Begins with `agt_`.
    pub async fn id(&self) -> ID {
        self.0.id().into()
    }

    /// Workspace of the agent.
    async fn workspace(&self, ctx: &Context<'_>) -> Result<Compiled<Workspace>> {
        workspace::of(ctx, self.0.workspace_id()?).await
    }

    /// Full name of the agent.
    async fn name(&self) -> Result<&str, NotRead> {
        self.0.name()
    }

    /// Name to show for the agent; equal to `name`.
    pub async fn display_name(&self) -> Result<&str, NotRead> {
        self.0.name()
    }

    /// Email address, as given. Unique among the agents of the workspace, compared without the case of A to Z.
    async fn email(&self) -> Result<&str, NotRead> {
        self.0.email()
    }

    /// Role of the agent. A token carries its own role, so a change of this field applies to tokens that are
    /// issued later.
    async fn role(&self) -> Result<AgentRole, NotRead> {
        self.0.role().map(Into::into)
    }

    /// Teams of the agent. Empty for a customer, who sees no teams.
    async fn teams(&self, ctx: &Context<'_>) -> Result<Vec<Compiled<Team>>> {
        let question = MembersOf::<TeamsOfAgent>::new(self.0.id());
        let found = ctx.loaders().load(question).await?.unwrap_or_default();
        Ok(found.into_iter().map(Team).map(Compiled).collect())
    }

    /// Time when the agent was created, in UTC.
    async fn created_at(&self) -> Result<DateTime, NotRead> {
        self.0.created_at().map(Into::into)
    }

    /// False when the agent was deactivated with `agentUpdate`: its tokens are refused, and mutations cannot
    /// assign tickets or conversations to it. Existing assignments and teams stay.
    async fn is_active(&self) -> Result<bool, NotRead> {
        self.0.is_active()
    }

    /// Lists of rows that point to the agent.
    #[graphql(flatten)]
    async fn children(&self) -> AgentChildren {
        AgentChildren(self.0.id().into())
    }
}

/// Fields of the query root for agents.
#[derive(Default)]
pub struct AgentQuery;

#[Object]
impl AgentQuery {
    /// The list of agents.
    #[graphql(flatten)]
    async fn list(&self) -> AgentList {
        AgentList
    }

    /// Returns one agent. Null when it does not exist or the viewer does not see it.
    async fn agent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Id of the agent.")] id: ID,
    ) -> Result<Option<Compiled<Agent>>> {
        let id = id::argument("id", &id)?;
        Ok(ctx.loaders().load(AgentById(id)).await?.map(Agent).map(Compiled))
    }
}

/// The list of agents.
pub struct AgentList;

lists! {
    impl AgentList {
        /// Lists the agents of the viewer's workspaces, newest first by default. A customer sees only the agents
        /// who are assigned to one of its tickets or conversations, or who wrote to it.
        root agents(
            &self,
            ctx,
            list,
            #[graphql(
                desc = "Workspace whose agents are listed. All workspaces of the viewer when omitted or null."
            )]
            workspace_id: Option<ID>,
            #[graphql(
                desc = "Text of up to 128 characters that the name or the email contains. Names are compared without case and accents, emails without the case of A to Z. All agents when omitted. Null is refused."
            )]
            search: MaybeUndefined<String>,
        ) of agent {
            let mut query = query::<Entity>(ctx, workspace_id.as_ref(), list)?;
            query.filter.search = filters::search(search)?;
            root(ctx, query).await
        }
    }
}
