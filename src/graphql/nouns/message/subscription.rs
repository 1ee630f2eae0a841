//! Subscriptions to messages.

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

/// Subscriptions to messages.
#[derive(Default)]
pub struct MessageSubscription;

#[Subscription]
impl MessageSubscription {
    /// Sends each message that is written by a mutation or an import. Internal messages require the grant
    /// `CUSTOMER_NOTES`. At most one of `ticketId`, `conversationId`, `customerId` and `workspaceId` is
    /// accepted. Without any of them, the subscription covers all messages of the viewer's only workspace. A
    /// viewer with several workspaces must give one; otherwise the error is `WORKSPACE_REQUIRED`. Without
    /// `after`, sends only new messages. With `after`, sends the stored messages after it first, without gaps
    /// or repetitions. A message that has been deleted is left out. The error is `CURSOR_EXPIRED` when events
    /// after that position are no longer stored, or when a restored database does not contain it;
    /// `extensions.changeCursor` is then the position to continue from.
    #[expect(clippy::too_many_arguments, reason = "the targets are alternatives")]
    async fn message_added(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Messages in this ticket only.")] ticket_id: Option<ID>,
        #[graphql(desc = "Messages in this conversation only.")] conversation_id: Option<ID>,
        #[graphql(desc = "Messages in the conversations with this customer only.")] customer_id: Option<ID>,
        #[graphql(desc = "All messages of this workspace.")] workspace_id: Option<ID>,
        #[graphql(desc = "Messages with this direction only.")] direction: Option<MessageDirection>,
        #[graphql(
            desc = "Position in the change log. The stored messages after it are sent first, then new \
                    messages as they are committed. Only new messages are sent when omitted or null."
        )]
        after: Option<ChangeCursor>,
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

/// Returns the message of an event, if the subscription matches it and the viewer sees it.
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
    // A message that has been deleted since is not found.
    let row = row.filter(|row| {
        scope.sees_part(&row.workspace_id, &row.customer_id, row.internal)
            && direction.is_none_or(|wanted| MessageDirection::from(row.direction) == wanted)
    });
    Ok(row.map(|row| Message::at(row.into(), Some(event.place()))))
}
