//! The part of the subscription root on changes.

use async_graphql::{Context, ID, Subscription};
use entity::change::{Name, Object};
use futures_util::{Stream, StreamExt};

use super::{
    Change,
    filter::ChangeFilter,
    noun::{ConversationChange, CustomerChange, TicketChange},
};
use crate::{
    graphql::{
        error::Result,
        follow::{TargetIds, follow, until_error},
        scalars::ChangeCursor,
    },
    store::change as store,
};

/// The part of the subscription root on changes.
#[derive(Default)]
pub struct ChangeSubscription;

/// Everything that happens to one kind of thing.
fn of(object: Object) -> store::ChangeFilter {
    let names = Name::ALL.into_iter().filter(|name| name.parts().0 == object);
    store::ChangeFilter {
        names: Some(names.collect()),
        ..store::ChangeFilter::default()
    }
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
        let events = follow(ctx, ids, of(Object::Ticket), after).await?;
        Ok(until_error(events.map(|event| event.map(TicketChange))))
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
        let events = follow(ctx, ids, of(Object::Conversation), after).await?;
        Ok(until_error(events.map(|event| event.map(ConversationChange))))
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
        let events = follow(ctx, ids, of(Object::Customer), after).await?;
        Ok(until_error(events.map(|event| event.map(CustomerChange))))
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
        let events = follow(ctx, ids, filter, after).await?;
        Ok(until_error(events.map(|event| event.map(Change))))
    }
}
