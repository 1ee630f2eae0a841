//! Fields of the subscription root for changes.

use async_graphql::{Context, ID, Subscription};
use entity::{
    Word,
    change::{Name, Object},
};
use futures_util::{Stream, StreamExt};

use super::{
    Change,
    filter::ChangeFilter,
    noun::{ConversationChange, CustomerChange, TicketChange},
};
use crate::{
    graphql::{
        context::ContextExt,
        error::Result,
        follow::{TargetIds, follow, until_error},
        scalars::ChangeCursor,
    },
    store::change as store,
};

/// Fields of the subscription root for changes.
#[derive(Default)]
pub struct ChangeSubscription;

/// Returns a filter for all events of one object type.
fn of(object: Object) -> store::ChangeFilter {
    let names = Name::ALL.iter().copied().filter(|name| name.parts().0 == object);
    store::ChangeFilter {
        names: Some(names.collect()),
        ..store::ChangeFilter::default()
    }
}

#[Subscription]
impl ChangeSubscription {
    /// Sends an event when a ticket is created, updated or deleted. At most one of `ticketId`, `customerId`
    /// and `workspaceId` is accepted. Without any of them, the subscription covers all tickets of the
    /// viewer's only workspace. A viewer with several workspaces must give one; otherwise the error is
    /// `WORKSPACE_REQUIRED`. Without `after`, sends only new events. With `after`, sends the stored events
    /// after it first, without gaps or repetitions. The error is `CURSOR_EXPIRED` when events after that
    /// position are no longer stored, or when a restored database does not contain it; `extensions.changeCursor` is
    /// then the position to continue from.
    async fn ticket_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Events of this ticket only.")] ticket_id: Option<ID>,
        #[graphql(desc = "Events of the tickets of this customer only.")] customer_id: Option<ID>,
        #[graphql(desc = "Events of all tickets of this workspace.")] workspace_id: Option<ID>,
        #[graphql(
            desc = "Position in the change log. The stored events after it are sent first, then new events \
                    as they are committed. Only new events are sent when omitted or null."
        )]
        after: Option<ChangeCursor>,
    ) -> Result<impl Stream<Item = Result<TicketChange>> + use<>> {
        let ids = TargetIds {
            ticket_id,
            customer_id,
            workspace_id,
            ..TargetIds::default()
        };
        let events = follow(ctx, ids, of(Object::Ticket), after).await?;
        Ok(until_error(events.map(|event| event.map(TicketChange))))
    }

    /// Sends an event when a conversation is created, updated or deleted. At most one of `conversationId`,
    /// `customerId` and `workspaceId` is accepted. Without any of them, the subscription covers all
    /// conversations of the viewer's only workspace. A viewer with several workspaces must give one;
    /// otherwise the error is `WORKSPACE_REQUIRED`. Without `after`, sends only new events. With `after`,
    /// sends the stored events after it first, without gaps or repetitions. The error is `CURSOR_EXPIRED`
    /// when events after that position are no longer stored, or when a restored database does not contain it;
    /// `extensions.changeCursor` is then the position to continue from.
    async fn conversation_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Events of this conversation only.")] conversation_id: Option<ID>,
        #[graphql(desc = "Events of the conversations with this customer only.")] customer_id: Option<ID>,
        #[graphql(desc = "Events of all conversations of this workspace.")] workspace_id: Option<ID>,
        #[graphql(
            desc = "Position in the change log. The stored events after it are sent first, then new events \
                    as they are committed. Only new events are sent when omitted or null."
        )]
        after: Option<ChangeCursor>,
    ) -> Result<impl Stream<Item = Result<ConversationChange>> + use<>> {
        let ids = TargetIds {
            conversation_id,
            customer_id,
            workspace_id,
            ..TargetIds::default()
        };
        let events = follow(ctx, ids, of(Object::Conversation), after).await?;
        Ok(until_error(events.map(|event| event.map(ConversationChange))))
    }

    /// Sends an event when a customer is created, updated or deleted. At most one of `customerId` and
    /// `workspaceId` is accepted. Without any of them, the subscription covers all customers of the viewer's
    /// only workspace. A viewer with several workspaces must give one; otherwise the error is
    /// `WORKSPACE_REQUIRED`. Without `after`, sends only new events. With `after`, sends the stored events
    /// after it first, without gaps or repetitions. The error is `CURSOR_EXPIRED` when events after that
    /// position are no longer stored, or when a restored database does not contain it; `extensions.changeCursor` is
    /// then the position to continue from.
    async fn customer_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Events of this customer only.")] customer_id: Option<ID>,
        #[graphql(desc = "Events of all customers of this workspace.")] workspace_id: Option<ID>,
        #[graphql(
            desc = "Position in the change log. The stored events after it are sent first, then new events \
                    as they are committed. Only new events are sent when omitted or null."
        )]
        after: Option<ChangeCursor>,
    ) -> Result<impl Stream<Item = Result<CustomerChange>> + use<>> {
        let ids = TargetIds {
            customer_id,
            workspace_id,
            ..TargetIds::default()
        };
        let events = follow(ctx, ids, of(Object::Customer), after).await?;
        Ok(until_error(events.map(|event| event.map(CustomerChange))))
    }

    /// Sends every event of one workspace that the viewer sees and that meets the filter. Without
    /// `workspaceId`, the subscription covers the viewer's only workspace. A viewer with several workspaces
    /// must give it; otherwise the error is `WORKSPACE_REQUIRED`. Without `after`, sends only new events.
    /// With `after`, sends the stored events after it first, without gaps or repetitions. The error is
    /// `CURSOR_EXPIRED` when events after that position are no longer stored, or when a restored database
    /// does not contain it; `extensions.changeCursor` is then the position to continue from.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Workspace whose events are sent.")] workspace_id: Option<ID>,
        #[graphql(desc = "Conditions that the changes meet. All changes when omitted or null.")]
        filter: Option<ChangeFilter>,
        #[graphql(
            desc = "Position in the change log. The stored events after it are sent first, then new events \
                    as they are committed. Only new events are sent when omitted or null."
        )]
        after: Option<ChangeCursor>,
    ) -> Result<impl Stream<Item = Result<Change>> + use<>> {
        let filter = filter.unwrap_or_default().read(ctx.viewer())?;
        let ids = TargetIds {
            workspace_id,
            ..TargetIds::default()
        };
        let events = follow(ctx, ids, filter, after).await?;
        Ok(until_error(events.map(|event| event.map(Change))))
    }
}
