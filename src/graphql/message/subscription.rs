//! The part of the subscription root on messages.

use std::sync::Arc;

use async_graphql::{Context, ID, Subscription};
use entity::{MessageId, WorkspaceId, change::Name};
use futures_util::{Stream, StreamExt};

use super::{Message, MessageDirection};
use crate::{
    auth::Viewer,
    events::{self, StreamError, Target},
    graphql::{
        context::ContextExt,
        error::{Result, bad_input, from_stream, workspace_required},
        id,
        loaders::{ConversationById, CustomerById, TicketById, WorkspaceById},
        scalars::ChangeCursor,
    },
    store::{Db, StoreError, list},
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
        let (workspace, target) = ids.find(ctx).await?;
        let after = after.map(|cursor| position(cursor, workspace)).transpose()?;
        let services = ctx.services().clone();
        let viewer = ctx.viewer().clone();
        let events = events::stream(&services.hub, workspace, after)
            .await
            .map_err(from_stream)?;
        let messages = events.filter_map(move |event| {
            let (db, viewer) = (services.db.clone(), viewer.clone());
            async move { message(&db, &viewer, target, direction, event).await.transpose() }
        });
        Ok(until_error(messages))
    }
}

/// Ends behind the first error: whoever goes on from its cursor must not have been given anything behind it.
fn until_error<T>(items: impl Stream<Item = Result<T>>) -> impl Stream<Item = Result<T>> {
    items.scan(false, |failed, item| {
        let ended = std::mem::replace(failed, item.is_err());
        std::future::ready((!ended).then_some(item))
    })
}

/// The message of an event, when it is one that the subscriber wants and sees.
async fn message(
    db: &Db,
    viewer: &Viewer,
    target: Target,
    direction: Option<MessageDirection>,
    event: Result<Arc<entity::change::Model>, StreamError>,
) -> Result<Option<Message>> {
    let event = event.map_err(from_stream)?;
    let scope = viewer.scope();
    // The scope is in the statement below as well: this spares it for events that cannot be seen.
    let passed = event.name != Name::MessageCreated
        || !target.takes(&event)
        || scope
            .customer
            .is_some_and(|customer| customer != event.customer_id);
    if passed {
        return Ok(None);
    }
    let failed = |error: StoreError| {
        let cursor = events::ChangeCursor {
            workspace: event.workspace_id,
            position: event.position - 1,
        };
        from_stream(StreamError::Store(error, cursor))
    };
    let found = list::find_many::<entity::message::Entity>(db, &scope, &[event.object_id])
        .await
        .map_err(failed)?;
    let row = found.into_iter().next().filter(|row| {
        debug_assert_eq!(row.id, MessageId(event.object_id));
        direction.is_none_or(|wanted| MessageDirection::from(row.direction) == wanted)
    });
    Ok(row.map(|row| Message {
        row: Arc::new(row),
        position: Some(event.position),
    }))
}

fn position(cursor: ChangeCursor, workspace: WorkspaceId) -> Result<i64> {
    if cursor.0.workspace != workspace {
        return Err(bad_input("after", "this is a cursor of another workspace."));
    }
    Ok(cursor.0.position)
}

struct TargetIds {
    ticket_id: Option<ID>,
    conversation_id: Option<ID>,
    customer_id: Option<ID>,
    workspace_id: Option<ID>,
}

impl TargetIds {
    /// Whose log is followed, and which events of it.
    async fn find(self, ctx: &Context<'_>) -> Result<(WorkspaceId, Target)> {
        let given = [
            ("ticketId", &self.ticket_id),
            ("conversationId", &self.conversation_id),
            ("customerId", &self.customer_id),
            ("workspaceId", &self.workspace_id),
        ];
        if let Some((name, _)) = given.iter().filter(|(_, id)| id.is_some()).nth(1) {
            return Err(bad_input(name, "give at most one target."));
        }
        let loaders = ctx.loaders();
        if let Some(id) = id::optional("ticketId", self.ticket_id.as_ref())? {
            let row = loaders.load(TicketById(id)).await?;
            let row = row.ok_or_else(|| bad_input("ticketId", "there is no such ticket."))?;
            return Ok((row.workspace_id, Target::Ticket(id)));
        }
        if let Some(id) = id::optional("conversationId", self.conversation_id.as_ref())? {
            let row = loaders.load(ConversationById(id)).await?;
            let row = row.ok_or_else(|| bad_input("conversationId", "there is no such conversation."))?;
            return Ok((row.workspace_id, Target::Conversation(id)));
        }
        if let Some(id) = id::optional("customerId", self.customer_id.as_ref())? {
            let row = loaders.load(CustomerById(id)).await?;
            let row = row.ok_or_else(|| bad_input("customerId", "there is no such customer."))?;
            return Ok((row.workspace_id, Target::Customer(id)));
        }
        let workspace = match id::optional("workspaceId", self.workspace_id.as_ref())? {
            Some(id) => {
                let row = loaders.load(WorkspaceById(id)).await?;
                row.ok_or_else(|| bad_input("workspaceId", "there is no such workspace."))?
                    .id
            }
            None => ctx.viewer().only_workspace().ok_or_else(workspace_required)?,
        };
        Ok((workspace, Target::Workspace))
    }
}
