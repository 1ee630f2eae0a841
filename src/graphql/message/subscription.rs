//! The part of the subscription root on messages.

use std::sync::Arc;

use async_graphql::{Context, ID, Subscription};
use entity::{MessageId, change::Name};
use futures_util::{Stream, StreamExt};

use super::{Message, MessageDirection};
use crate::{
    auth::Viewer,
    events::{self, StreamError},
    graphql::{
        context::ContextExt,
        error::{Result, from_stream},
        follow::{TargetIds, follow, until_error},
        scalars::ChangeCursor,
    },
    store::{Db, StoreError, change::ChangeFilter, list},
};

/// The part of the subscription root on messages.
#[derive(Default)]
pub struct MessageSubscription;

#[Subscription]
impl MessageSubscription {
    /// Each message as it is written. At most one target; none = every message of the workspace (named, or the
    /// viewer's only one; else `WORKSPACE_REQUIRED`). Without `after`: from now on. With it: everything after that
    /// position, then live, with no gap and no repeat.
    #[expect(clippy::too_many_arguments, reason = "the targets are alternatives")]
    async fn message_added(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only messages in this ticket.")] ticket_id: Option<ID>,
        #[graphql(desc = "Only messages in this conversation.")] conversation_id: Option<ID>,
        #[graphql(desc = "Only messages in conversations with this customer.")] customer_id: Option<ID>,
        #[graphql(desc = "Every message of this workspace.")] workspace_id: Option<ID>,
        #[graphql(desc = "Only messages that went this way.")] direction: Option<MessageDirection>,
        #[graphql(desc = "Everything behind this position of the change log, then live.")] after: Option<
            ChangeCursor,
        >,
    ) -> Result<impl Stream<Item = Result<Message>> + use<>> {
        let ids = TargetIds {
            ticket_id,
            conversation_id,
            customer_id,
            workspace_id,
        };
        let (services, viewer) = (ctx.services().clone(), ctx.viewer().clone());
        let filter = ChangeFilter {
            names: Some(vec![Name::MessageCreated]),
            ..ChangeFilter::default()
        };
        let events = follow(ctx, ids, filter, after).await?;
        let messages = events.filter_map(move |event| {
            let (db, viewer) = (services.db.clone(), viewer.clone());
            async move { message(&db, &viewer, direction, event).await.transpose() }
        });
        Ok(until_error(messages))
    }
}

/// The message of an event, when it is one that the subscriber wants and sees.
async fn message(
    db: &Db,
    viewer: &Viewer,
    direction: Option<MessageDirection>,
    event: Result<Arc<entity::change::Model>>,
) -> Result<Option<Message>> {
    let event = event?;
    let failed = |error: StoreError| {
        let cursor = events::ChangeCursor {
            workspace: event.workspace_id,
            position: event.position - 1,
        };
        from_stream(StreamError::Store(error, cursor))
    };
    let found = list::find_many::<entity::message::Entity>(db, &viewer.scope(), &[event.object_id])
        .await
        .map_err(failed)?;
    // One that was deleted meanwhile is not there any more.
    let row = found.into_iter().next().filter(|row| {
        debug_assert_eq!(row.id, MessageId(event.object_id));
        direction.is_none_or(|wanted| MessageDirection::from(row.direction) == wanted)
    });
    Ok(row.map(|row| Message {
        row: Arc::new(row),
        position: Some(event.position),
    }))
}
