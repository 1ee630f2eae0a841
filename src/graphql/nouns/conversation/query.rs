//! Queries for conversations.

use async_graphql::{Context, ID, Object};

use super::Conversation;
use crate::graphql::{
    context::ContextExt,
    error::Result,
    id,
    loaders::ConversationById,
    output::Compiled,
    pagination::{lists, query, root},
};

/// Queries for conversations.
#[derive(Default)]
pub struct ConversationQuery;

#[Object]
impl ConversationQuery {
    /// The list of conversations.
    #[graphql(flatten)]
    async fn list(&self) -> ConversationList {
        ConversationList
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

/// The list of conversations.
pub struct ConversationList;

lists! {
    impl ConversationList {
        /// Lists the conversations of the viewer's workspaces, newest first by default. A customer sees only its
        /// own conversations.
        root conversations(
            &self,
            ctx,
            list,
            #[graphql(
                desc = "Workspace whose conversations are listed. All workspaces of the viewer when omitted or \
                        null."
            )]
            workspace_id: Option<ID>,
        ) of conversation {
            root(ctx, query(ctx, workspace_id.as_ref(), list)?).await
        }
    }
}
