//! The part of the query root on changes: the log, pulled.

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

/// A part of a workspace's change log.
#[derive(SimpleObject)]
pub struct ChangePage {
    /// The changes, in the order in which they were committed.
    nodes: Vec<Change>,
    /// How far the log was read: give it as `after` for the next part. It may lie behind the last change of this part,
    /// when what follows does not fit the filter.
    end_cursor: ChangeCursor,
    /// There is more of the log. A part may be empty and have a next one all the same.
    has_next_page: bool,
}

/// The part of the query root on changes.
#[derive(Default)]
pub struct ChangeQuery;

#[Object]
impl ChangeQuery {
    /// Pull form of the change log: the same items and cursors as the subscription of the same name. Without `after`
    /// from the beginning of the log. Of one workspace: the one named, or the viewer's only one; else
    /// `WORKSPACE_REQUIRED`.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose log.")] workspace_id: Option<ID>,
        #[graphql(desc = "Only changes that fit.")] filter: Option<ChangeFilter>,
        #[graphql(desc = "Only what lies behind this position.")] after: Option<ChangeCursor>,
        #[graphql(desc = "How many: 0 to 100, 20 when absent.")] first: Option<i32>,
    ) -> Result<ChangePage> {
        let workspace = workspace(ctx, workspace_id.as_ref()).await?;
        let after = after.map(|cursor| position(cursor, workspace)).transpose()?;
        let filter = filter.unwrap_or_default().read()?;
        let size = PageArguments::forward(first, None).size(ctx.limits())?;
        let (hub, scope) = (&ctx.services().hub, ctx.viewer().scope());
        let page = events::read(hub, &scope, workspace, &filter, after, size)
            .await
            .map_err(from_stream)?;
        Ok(ChangePage {
            nodes: page.events.into_iter().map(Change).collect(),
            end_cursor: ChangeCursor(page.end),
            has_next_page: page.has_next,
        })
    }
}
