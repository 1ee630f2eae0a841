//! Lists of teams and queues. They have no pages, because a workspace has a bounded number of both.

use std::sync::Arc;

use async_graphql::{Context, ID};
use entity::WorkspaceId;

use crate::{
    graphql::{
        context::ContextExt,
        error::{Result, from_store},
        id,
        listed::Listed,
        loaders::Children,
        output::Compiled,
    },
    service::group::GROUPS_MAX,
    store::{
        Columns, ListQuery, Page,
        group::{Group, GroupParent},
        list,
    },
};

/// Returns a query for all groups of a number of workspaces, oldest first.
fn all<G: Group + Listed>(workspace: Option<WorkspaceId>, workspaces: usize) -> ListQuery<G> {
    ListQuery::<G> {
        workspace,
        filter: (),
        order: G::DEFAULT_ORDER,
        page: Page::beginning(u32::try_from(workspaces * GROUPS_MAX).unwrap_or(u32::MAX - 1)),
    }
}

/// Lists the groups of a workspace that the viewer sees.
pub async fn of<G: Group + Listed>(ctx: &Context<'_>, id: WorkspaceId) -> Result<Vec<Compiled<G::Node>>> {
    let question = Children::<G>::new(GroupParent::Workspace, id.0, Arc::new(all::<G>(None, 1)));
    let found = ctx.loaders().load(question).await?.unwrap_or_default();
    Ok(found.rows.into_iter().map(|row| Compiled(row.into())).collect())
}

/// Lists the groups of the viewer's workspaces, or of one of them.
pub async fn list<G: Group + Listed>(
    ctx: &Context<'_>,
    workspace: Option<&ID>,
) -> Result<Vec<Compiled<G::Node>>> {
    let workspace = id::optional("workspaceId", workspace)?;
    let query = all::<G>(workspace, ctx.viewer().workspaces.len());
    let found = list::list::<G>(
        &ctx.services().db,
        &ctx.viewer().scope(),
        &query,
        Columns::ALL,
        &[],
    )
    .await;
    let rows = found.map_err(from_store)?.rows;
    Ok(rows.into_iter().map(|row| Compiled(row.into())).collect())
}
