//! Queries for conversations.

use async_graphql::{Context, ID, Object};
use entity::conversation::Entity;

use super::{Conversation, ConversationFilter, ConversationOrder};
use crate::graphql::{
    context::ContextExt,
    error::Result,
    id,
    loaders::ConversationById,
    output::Compiled,
    pagination::{Connection, PageArguments, query, root},
};

/// Queries for conversations.
#[derive(Default)]
pub struct ConversationQuery;

#[Object]
impl ConversationQuery {
    /// Lists the conversations of the viewer's workspaces, newest first by default. A customer sees only its
    /// own conversations.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn conversations(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Workspace whose conversations are listed. All workspaces of the viewer when omitted or \
                    null."
        )]
        workspace_id: Option<ID>,
        #[graphql(desc = "Conditions that the conversations meet. All conversations when omitted or null.")]
        filter: Option<ConversationFilter>,
        #[graphql(desc = "Sort order. Default: `CREATED_AT` with `DESC`.")] order_by: Option<
            ConversationOrder,
        >,
        #[graphql(desc = "Number of items from the start of the list: 0 to 100 by default. 20 if omitted.")]
        first: Option<i32>,
        #[graphql(desc = "Cursor of an item. The page starts after that item.")] after: Option<String>,
        #[graphql(
            desc = "Number of items from the end of the list: 0 to 100 by default. Cannot be combined with \
                    `first`."
        )]
        last: Option<i32>,
        #[graphql(desc = "Cursor of an item. The page ends before that item.")] before: Option<String>,
        #[graphql(
            desc = "Number of items to skip from the start of the list: 0 to 10000 by default. Cannot be \
                    combined with `last`, `after` or `before`."
        )]
        offset: Option<i32>,
    ) -> Result<Connection<Entity>> {
        let page = PageArguments {
            first,
            after,
            last,
            before,
            offset,
        };
        let query = query(ctx, workspace_id.as_ref(), (filter, order_by), page)?;
        root(ctx, query).await
    }

    /// Returns one conversation. Null when it does not exist or the viewer does not see it.
    async fn conversation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Id of the conversation.")] id: ID,
    ) -> Result<Option<Compiled<Conversation>>> {
        let id = id::argument("id", &id)?;
        Ok(ctx
            .loaders()
            .load_root(ConversationById(id))
            .await?
            .map(Conversation)
            .map(Compiled))
    }
}
