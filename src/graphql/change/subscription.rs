//! The part of the subscription root on changes.

use async_graphql::{Context, ID, Subscription};
use entity::change::Object;
use futures_util::{Stream, StreamExt};

use super::{
    Change,
    filter::ChangeFilter,
    noun::{ConversationChange, CustomerChange, TicketChange},
};
use crate::graphql::{
    error::Result,
    follow::{TargetIds, follow, until_error},
    scalars::ChangeCursor,
};

/// The part of the subscription root on changes.
#[derive(Default)]
pub struct ChangeSubscription;

macro_rules! changes_of {
    ($ctx:ident, $ids:expr, $after:ident, $object:ident, $item:ident) => {{
        let events = follow($ctx, $ids, $after).await?;
        let wanted = events.filter_map(|event| {
            let item = match event {
                Ok(event) => (event.name.parts().0 == Object::$object).then_some(Ok($item(event))),
                Err(ended) => Some(Err(ended)),
            };
            std::future::ready(item)
        });
        Ok(until_error(wanted))
    }};
}

#[Subscription]
impl ChangeSubscription {
    /// What happens to tickets: made, changed, deleted. At most one target; none = every ticket of the workspace
    /// (the viewer's only one; else `WORKSPACE_REQUIRED`). Without `after`: from now on. With it: everything after that
    /// position, then live, with no gap and no repeat.
    async fn ticket_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only this ticket.")] ticket_id: Option<ID>,
        #[graphql(desc = "Only tickets of this customer.")] customer_id: Option<ID>,
        #[graphql(desc = "Every ticket of this workspace.")] workspace_id: Option<ID>,
        #[graphql(desc = "Everything behind this position of the change log, then live.")] after: Option<
            ChangeCursor,
        >,
    ) -> Result<impl Stream<Item = Result<TicketChange>> + use<>> {
        let ids = TargetIds {
            ticket_id,
            customer_id,
            workspace_id,
            ..TargetIds::default()
        };
        changes_of!(ctx, ids, after, Ticket, TicketChange)
    }

    /// What happens to conversations: begun, changed, deleted. Targets and `after` as with ticketChanged.
    async fn conversation_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only this conversation.")] conversation_id: Option<ID>,
        #[graphql(desc = "Only conversations with this customer.")] customer_id: Option<ID>,
        #[graphql(desc = "Every conversation of this workspace.")] workspace_id: Option<ID>,
        #[graphql(desc = "Everything behind this position of the change log, then live.")] after: Option<
            ChangeCursor,
        >,
    ) -> Result<impl Stream<Item = Result<ConversationChange>> + use<>> {
        let ids = TargetIds {
            conversation_id,
            customer_id,
            workspace_id,
            ..TargetIds::default()
        };
        changes_of!(ctx, ids, after, Conversation, ConversationChange)
    }

    /// What happens to customers: made, changed, deleted. Targets and `after` as with ticketChanged.
    async fn customer_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only this customer.")] customer_id: Option<ID>,
        #[graphql(desc = "Every customer of this workspace.")] workspace_id: Option<ID>,
        #[graphql(desc = "Everything behind this position of the change log, then live.")] after: Option<
            ChangeCursor,
        >,
    ) -> Result<impl Stream<Item = Result<CustomerChange>> + use<>> {
        let ids = TargetIds {
            customer_id,
            workspace_id,
            ..TargetIds::default()
        };
        changes_of!(ctx, ids, after, Customer, CustomerChange)
    }

    /// Everything that happens in a workspace (the one named, or the viewer's only one; else `WORKSPACE_REQUIRED`), as
    /// far as the viewer may see it. `after` as with ticketChanged.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose log.")] workspace_id: Option<ID>,
        #[graphql(desc = "Only changes that fit.")] filter: Option<ChangeFilter>,
        #[graphql(desc = "Everything behind this position of the change log, then live.")] after: Option<
            ChangeCursor,
        >,
    ) -> Result<impl Stream<Item = Result<Change>> + use<>> {
        let filter = filter.unwrap_or_default().read()?;
        let ids = TargetIds {
            workspace_id,
            ..TargetIds::default()
        };
        let events = follow(ctx, ids, after).await?;
        let wanted = events.filter_map(move |event| {
            let item = match event {
                Ok(event) => filter.takes(&event).then_some(Ok(Change(event))),
                Err(ended) => Some(Err(ended)),
            };
            std::future::ready(item)
        });
        Ok(until_error(wanted))
    }
}
