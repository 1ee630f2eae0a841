//! Workspaces.

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use entity::workspace::Model;

use crate::{
    graphql::{
        context::ContextExt,
        error::{MissingRow, Result, internal},
        id,
        loaders::WorkspaceById,
        output::{Compiled, plain_fields},
        relations::child_lists,
        scalars::DateTime,
    },
    store::{agent::AgentParent, group::GroupParent},
};

/// A tenant: the boundary between the data of separate organizations. A viewer reads and writes only in the
/// workspaces of its credential. Corresponds to Keva's workspace, C-Star's team and Kustomer's org.
pub struct Workspace(pub Arc<Model>);

impl From<Model> for Workspace {
    fn from(row: Model) -> Self {
        Self(Arc::new(row))
    }
}

plain_fields!(Workspace: id, name, created_at);

/// A tenant: the boundary between the data of separate organizations. A viewer reads and writes only in the
/// workspaces of its credential. Corresponds to Keva's workspace, C-Star's team and Kustomer's org.
#[Object]
impl Workspace {
    /// Opaque id. Begins with `ws_`.
    pub async fn id(&self) -> ID {
        self.0.id.into()
    }

    /// Name of the workspace, for display.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Time when the workspace was created, in UTC.
    async fn created_at(&self) -> DateTime {
        self.0.created_at.into()
    }

    /// Lists of rows of the workspace.
    #[graphql(flatten)]
    async fn lists(&self) -> WorkspaceLists {
        WorkspaceLists(self.0.id.into())
    }
}

child_lists! {
    WorkspaceLists;

    /// Agents of the workspace, newest first by default. A customer sees only the agents who are assigned to one
    /// of its tickets or conversations, or who wrote to it.
    agents: agent where parent: AgentParent::Workspace;

    /// Teams of the workspace, oldest first by default: at most 500. Empty for a customer, who sees no teams.
    teams: team where parent: GroupParent::Workspace;

    /// Queues of the workspace, oldest first by default: at most 500. Empty for a customer, who sees no queues.
    queues: queue where parent: GroupParent::Workspace;
}

/// Returns the workspace of a row that the viewer sees.
pub async fn of(ctx: &Context<'_>, id: entity::WorkspaceId) -> Result<Compiled<Workspace>> {
    let found = ctx.loaders().load(WorkspaceById(id)).await?;
    found
        .map(Workspace)
        .map(Compiled)
        .ok_or_else(|| internal(MissingRow("workspace")))
}

/// Fields of the query root for workspaces.
#[derive(Default)]
pub struct WorkspaceQuery;

#[Object]
impl WorkspaceQuery {
    /// Returns one workspace. Null when it does not exist or the viewer does not see it.
    async fn workspace(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Id of the workspace.")] id: ID,
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
