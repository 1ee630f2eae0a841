//! Teams.

mod mutation;

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use entity::team::{Entity, Model};

pub use mutation::TeamMutation;

use super::{
    agent::Agent,
    context::ContextExt,
    error::{Result, from_store},
    id,
    loaders::{ChildSlots, Children, Loaders, MembersOf},
    pagination::Listed,
    workspace::{self, Workspace},
};
use crate::service::group::GROUPS_MAX;
use crate::store::{
    ListQuery, Order, Page,
    group::{GroupParent, GroupSort},
    link::AgentsOfTeam,
    list,
};

/// A group of agents (Kustomer).
pub struct Team(pub Arc<Model>);

impl From<Arc<Model>> for Team {
    fn from(row: Arc<Model>) -> Self {
        Self(row)
    }
}

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

/// A group of agents (Kustomer).
#[Object]
impl Team {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// The workspace that the team belongs to.
    async fn workspace(&self, ctx: &Context<'_>) -> Result<Workspace> {
        workspace::of(ctx, self.0.workspace_id).await
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Who is in it, in the order given.
    async fn agents(&self, ctx: &Context<'_>) -> Result<Vec<Agent>> {
        let question = MembersOf::<AgentsOfTeam>::new(self.0.id);
        let found = ctx.loaders().load(question).await?.unwrap_or_default();
        Ok(found.into_iter().map(Agent).collect())
    }
}

/// All teams of so many workspaces, oldest first.
fn all(workspace: Option<entity::WorkspaceId>, workspaces: usize) -> ListQuery<Entity> {
    ListQuery::<Entity> {
        workspace,
        filter: (),
        order: Order {
            field: GroupSort::CreatedAt,
            descending: false,
        },
        page: Page::beginning(u32::try_from(workspaces * GROUPS_MAX).unwrap_or(u32::MAX - 1)),
    }
}

/// The teams of a workspace that the viewer was given.
pub async fn of(ctx: &Context<'_>, id: entity::WorkspaceId) -> Result<Vec<Team>> {
    let question = Children::<Entity>::new(GroupParent::Workspace, id.0, Arc::new(all(None, 1)));
    let found = ctx.loaders().load(question).await?.unwrap_or_default();
    Ok(found.rows.into_iter().map(Team).collect())
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
    ) -> Result<Vec<Team>> {
        let query = all(
            id::optional("workspaceId", workspace_id.as_ref())?,
            ctx.viewer().workspaces.len(),
        );
        let found = list::list::<Entity>(&ctx.services().db, &ctx.viewer().scope(), &query).await;
        let rows = found.map_err(from_store)?.rows;
        Ok(rows.into_iter().map(|row| Team(row.into())).collect())
    }
}
