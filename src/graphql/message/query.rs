//! The part of the query root on messages.

use async_graphql::{Context, ID, Object};

use super::Message;
use crate::graphql::{context::ContextExt, error::Result, id, loaders::MessageById, output::Compiled};

/// The part of the query root on messages.
#[derive(Default)]
pub struct MessageQuery;

#[Object]
impl MessageQuery {
    /// One message; null when there is none, or when it is not yours.
    async fn message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Id of a message.")] id: ID,
    ) -> Result<Option<Compiled<Message>>> {
        let id = id::argument("id", &id)?;
        Ok(ctx
            .loaders()
            .load_root(MessageById(id))
            .await?
            .map(|row| Compiled(row.into())))
    }
}
