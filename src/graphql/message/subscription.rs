//! The part of the subscription root on messages.

use async_graphql::{Context, ID, Subscription};
use entity::change::Name;
use futures_util::{Stream, StreamExt};

use super::{Message, MessageDirection};
use crate::{
    auth::Scope,
    events::{self, SharedEvent, StreamError},
    graphql::{
        context::ContextExt,
        error::{Result, from_stream},
        follow::{TargetIds, follow, until_error},
        output::Compiled,
        scalars::ChangeCursor,
    },
    store::{Db, StoreError, change::ChangeFilter},
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
    ) -> Result<impl Stream<Item = Result<Compiled<Message>>> + use<>> {
        let ids = TargetIds {
            ticket_id,
            conversation_id,
            customer_id,
            workspace_id,
        };
        let (services, scope) = (ctx.services().clone(), ctx.viewer().scope());
        let filter = ChangeFilter {
            names: Some(vec![Name::MessageCreated]),
            ..ChangeFilter::default()
        };
        let events = follow(ctx, ids, filter, after).await?;
        let messages = events.filter_map(move |event| {
            let (db, scope) = (services.db.clone(), scope.clone());
            async move {
                let message = message(&db, &scope, direction, event).await.transpose();
                message.map(|message| message.map(Compiled))
            }
        });
        Ok(until_error(messages))
    }
}

/// The message of an event, when it is one that the subscriber wants and sees.
async fn message(
    db: &Db,
    scope: &Scope,
    direction: Option<MessageDirection>,
    event: Result<SharedEvent>,
) -> Result<Option<Message>> {
    let event = event?;
    let failed = |error: StoreError| {
        let cursor = events::ChangeCursor {
            position: event.position - 1,
            ..event.cursor()
        };
        from_stream(StreamError::Store(error, cursor))
    };
    let row = event.message_unscoped(db).await.map_err(failed)?;
    // One that was deleted meanwhile is not there any more.
    let row = row.filter(|row| {
        scope.sees(&row.workspace_id, &row.customer_id)
            && (scope.notes || !row.internal)
            && direction.is_none_or(|wanted| MessageDirection::from(row.direction) == wanted)
    });
    Ok(row.map(|row| Message::at(row, Some(event.place()))))
}
