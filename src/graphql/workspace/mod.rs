//! Workspaces.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use entity::workspace::Model;

use super::{
    agent,
    context::ContextExt,
    error::Result,
    group, id,
    loaders::WorkspaceById,
    output::{Compiled, plain_fields},
    pagination::{Connection, PageArguments},
    queue::Queue,
    scalars::DateTime,
    team::Team,
};

/// The data boundary: Keva's workspace, C-Star's team, Kustomer's org.
pub struct Workspace(pub Arc<Model>);

impl From<Model> for Workspace {
    fn from(row: Model) -> Self {
        Self(Arc::new(row))
    }
}

plain_fields!(Workspace: id, name, created_at);

/// The data boundary: Keva's workspace, C-Star's team, Kustomer's org.
#[Object]
impl Workspace {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// What people call it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// The people who answer there, newest first. A customer sees those who had to do with it.
    async fn agents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the beginning: 0 to 100, 20 when absent.")] first: Option<i32>,
        #[graphql(desc = "Only what lies behind this cursor.")] after: Option<String>,
    ) -> Result<Connection<entity::agent::Entity>> {
        agent::of(ctx, self.0.id, PageArguments::forward(first, after)).await
    }

    /// Its teams, oldest first: at most 500. Not shown to customers.
    async fn teams(&self, ctx: &Context<'_>) -> Result<Vec<Compiled<Team>>> {
        group::of::<entity::team::Entity>(ctx, self.0.id).await
    }

    /// Its queues, oldest first: at most 500. Not shown to customers.
    async fn queues(&self, ctx: &Context<'_>) -> Result<Vec<Compiled<Queue>>> {
        group::of::<entity::queue::Entity>(ctx, self.0.id).await
    }
}

/// The workspace of a row that the viewer was given.
pub async fn of(ctx: &Context<'_>, id: entity::WorkspaceId) -> Result<Compiled<Workspace>> {
    let found = ctx.loaders().load(WorkspaceById(id)).await?;
    found
        .map(Workspace)
        .map(Compiled)
        .ok_or_else(|| super::error::internal(super::error::Missing("workspace")))
}

/// The part of the query root on workspaces.
#[derive(Default)]
pub struct WorkspaceQuery;

#[Object]
impl WorkspaceQuery {
    /// One workspace; null when there is none, or when it is not yours.
    async fn workspace(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Id of a workspace.")] id: ID,
    ) -> Result<Option<Compiled<Workspace>>> {
        let id = id::argument("id", &id)?;
        Ok(ctx
            .loaders()
            .load(WorkspaceById(id))
            .await?
            .map(Workspace)
            .map(Compiled))
    }
}
