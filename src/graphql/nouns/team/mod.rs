//! Teams.

mod mutation;

use async_graphql::{Context, ID, Object};
use entity::{
    NotRead, PartialRow,
    team::{Entity, Model},
};

pub use mutation::TeamMutation;

use super::{
    agent::Agent,
    group,
    workspace::{self, Workspace},
};
use crate::{
    graphql::{
        context::ContextExt,
        error::Result,
        listed::{Listed, node},
        loaders::MembersOf,
        output::{Compiled, plain_fields},
        relations,
    },
    store::{Order, group::GroupSort, link::AgentsOfTeam},
};

/// A group of agents in one workspace. Corresponds to Kustomer's team. Customers do not see teams.
pub struct Team(pub PartialRow<Model>);

node!(Team(Model));

impl Listed for Entity {
    type Node = Team;
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

#[Object]
impl TeamQuery {
    /// Lists the teams of the viewer's workspaces, oldest first. A workspace has at most 500 teams. Empty for a
    /// customer, who sees no teams.
    async fn teams(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Workspace whose teams are listed. All workspaces of the viewer when omitted or null."
        )]
        workspace_id: Option<ID>,
    ) -> Result<Vec<Compiled<Team>>> {
        group::list::<Entity>(ctx, workspace_id.as_ref()).await
    }
}
