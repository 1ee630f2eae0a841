//! Teams.

mod mutation;

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use entity::team::{Entity, Model};

pub use mutation::TeamMutation;

use super::{
    agent::Agent,
    context::ContextExt,
    error::Result,
    group,
    loaders::{ChildSlots, Loaders, MembersOf},
    output::{Compiled, plain_fields},
    pagination::{Listed, node},
    workspace::{self, Workspace},
};
use crate::store::{group::GroupSort, link::AgentsOfTeam};

/// A group of agents (Kustomer).
pub struct Team(pub Arc<Model>);

node!(Team(Model));

impl Listed for Entity {
    type Node = Team;
    const NAME: &'static str = "Team";
    const TAG: u8 = 6;

    fn sort_tag(GroupSort::CreatedAt: GroupSort) -> u8 {
        0
    }

    fn sorts_text(GroupSort::CreatedAt: GroupSort) -> bool {
        false
    }

    fn slots(loaders: &Loaders) -> &ChildSlots<Self> {
        &loaders.teams
    }
}

plain_fields!(Team, of Entity: id, name);

/// A group of agents (Kustomer).
#[Object]
impl Team {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// The workspace that the team belongs to.
    async fn workspace(&self, ctx: &Context<'_>) -> Result<Compiled<Workspace>> {
        workspace::of(ctx, self.0.workspace_id).await
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Who is in it, in the order given.
    async fn agents(&self, ctx: &Context<'_>) -> Result<Vec<Compiled<Agent>>> {
        let question = MembersOf::<AgentsOfTeam>::new(self.0.id);
        let found = ctx.loaders().load(question).await?.unwrap_or_default();
        Ok(found.into_iter().map(Agent).map(Compiled).collect())
    }
}

/// The part of the query root on teams.
#[derive(Default)]
pub struct TeamQuery;

#[Object]
impl TeamQuery {
    /// The teams of the viewer's workspaces, oldest first. Not shown to customers.
    async fn teams(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those of this workspace.")] workspace_id: Option<ID>,
    ) -> Result<Vec<Compiled<Team>>> {
        group::list::<Entity>(ctx, workspace_id.as_ref()).await
    }
}
