//! Teams.

mod filter;
mod mutation;

use async_graphql::{Context, ID, Object};
use entity::{
    NotRead, PartialRow,
    team::{Entity, Model},
};

pub use filter::{TeamFilter, TeamOrder};
pub use mutation::TeamMutation;

use super::{
    agent::Agent,
    workspace::{self, Workspace},
};
use crate::{
    graphql::{
        context::ContextExt,
        error::Result,
        listed::{Listed, node},
        loaders::MembersOf,
        output::{Compiled, plain_fields},
        pagination::{lists, query, root},
        relations,
    },
    store::{Order, group::GroupSort, link::AgentsOfTeam},
};

/// A group of agents in one workspace. Corresponds to Kustomer's team. Customers do not see teams.
pub struct Team(pub PartialRow<Model>);

node!(Team(Model));

impl Listed for Entity {
    type Node = Team;
    type FilterInput = TeamFilter;
    type OrderInput = TeamOrder;
    const NAME: &'static str = "Team";
    const DEFAULT_ORDER: Order<GroupSort> = Order {
        field: GroupSort::CreatedAt,
        descending: false,
    };
}

plain_fields!(Team, relations::of::<Entity>: id, name);

/// A group of agents in one workspace. Corresponds to Kustomer's team. Customers do not see teams.
#[Object]
impl Team {
    /// Opaque id. Begins with `team_`.
    pub async fn id(&self) -> ID {
        self.0.id().into()
    }

    /// Workspace of the team.
    async fn workspace(&self, ctx: &Context<'_>) -> Result<Compiled<Workspace>> {
        workspace::of(ctx, self.0.workspace_id()?).await
    }

    /// Name of the team, for display.
    async fn name(&self) -> Result<&str, NotRead> {
        self.0.name()
    }

    /// Agents of the team, in the order in which they were given.
    async fn agents(&self, ctx: &Context<'_>) -> Result<Vec<Compiled<Agent>>> {
        let question = MembersOf::<AgentsOfTeam>::new(self.0.id());
        let found = ctx.loaders().load(question).await?.unwrap_or_default();
        Ok(found.into_iter().map(Agent).map(Compiled).collect())
    }
}

/// Fields of the query root for teams.
#[derive(Default)]
pub struct TeamQuery;

lists! {
    impl TeamQuery {
        /// Lists the teams of the viewer's workspaces, oldest first by default. A workspace has at most 500 teams.
        /// Empty for a customer, who sees no teams.
        root teams(
            &self,
            ctx,
            list,
            #[graphql(
                desc = "Workspace whose teams are listed. All workspaces of the viewer when omitted or null."
            )]
            workspace_id: Option<ID>,
        ) of team {
            root(ctx, query(ctx, workspace_id.as_ref(), list)?).await
        }
    }
}
