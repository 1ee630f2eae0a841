//! Queries for messages.

use async_graphql::{Context, ID, Object};

use super::Message;
use crate::graphql::{context::ContextExt, error::Result, id, loaders::MessageById, output::Compiled};

/// Queries for messages.
#[derive(Default)]
pub struct MessageQuery;

#[Object]
impl MessageQuery {
    /// Returns one message. Null when it does not exist or the viewer does not see it. Internal messages
    /// require the grant `CUSTOMER_NOTES`.
    async fn message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Id of the message.")] id: ID,
    ) -> Result<Option<Compiled<Message>>> {
        let id = id::argument("id", &id)?;
        Ok(ctx
            .loaders()
            .load_root(MessageById(id))
            .await?
            .map(|row| Compiled(row.into())))
    }
}
