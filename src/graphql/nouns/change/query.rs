//! Fields of the query root for changes: pages of the log.

use async_graphql::{Context, ID, Object, SimpleObject};

use super::{Change, filter::ChangeFilter};
use crate::{
    events,
    graphql::{
        context::ContextExt,
        error::{Result, from_stream},
        follow::{position, workspace},
        pagination::PageArguments,
        scalars::ChangeCursor,
    },
};

/// A page of the change log of one workspace.
#[derive(SimpleObject)]
pub struct ChangePage {
    /// Changes in the order in which they were committed.
    nodes: Vec<Change>,
    /// Position up to which the log was read. Pass it as `after` to read the next page. It can be later than
    /// the last change of the page when the changes in between do not meet the filter.
    change_cursor: ChangeCursor,
    /// True when the log continues after `changeCursor`. One request reads at most 10000 positions, so a page of
    /// few or no changes can have a next page.
    has_next_page: bool,
}

/// Fields of the query root for changes.
#[derive(Default)]
pub struct ChangeQuery;

#[Object]
impl ChangeQuery {
    /// Reads the change log of one workspace after the position `after`. Returns the same events and cursors
    /// as the subscription `changes`. Without `workspaceId`, reads the log of the viewer's only workspace. A
    /// viewer with several workspaces must give it; otherwise the error is `WORKSPACE_REQUIRED`. The error is
    /// `CURSOR_EXPIRED` when events after that position are no longer stored, or when a restored database
    /// does not contain it; `extensions.changeCursor` is then the position to continue from.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Workspace whose change log is read.")] workspace_id: Option<ID>,
        #[graphql(desc = "Conditions that the changes meet. All changes when omitted or null.")]
        filter: Option<ChangeFilter>,
        #[graphql(
            desc = "Position in the change log. The page starts with the next event. When omitted or null, \
                    the page starts with the oldest stored event."
        )]
        after: Option<ChangeCursor>,
        #[graphql(desc = "Number of changes: 0 to 100 by default. 20 when omitted or null.")] first: Option<
            i32,
        >,
    ) -> Result<ChangePage> {
        let workspace = workspace(ctx, workspace_id.as_ref()).await?;
        let after = after.map(|cursor| position(cursor, workspace)).transpose()?;
        let filter = filter.unwrap_or_default().read(ctx.viewer())?;
        let size = PageArguments {
            first,
            ..PageArguments::default()
        };
        let size = size.size(ctx.limits())?;
        let (hub, scope) = (&ctx.services().hub, ctx.viewer().scope());
        let page = events::read(hub, &scope, workspace, &filter, after, size)
            .await
            .map_err(from_stream)?;
        Ok(ChangePage {
            nodes: page.events.into_iter().map(Change).collect(),
            change_cursor: ChangeCursor(page.end),
            has_next_page: page.has_next,
        })
    }
}
