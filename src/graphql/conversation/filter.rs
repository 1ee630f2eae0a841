//! Which conversations, and in which order.

use async_graphql::{Enum, ID, InputObject};
use entity::conversation::Entity;

use super::ConversationStatus;
use crate::{
    graphql::{
        customer::CustomerFilter,
        error::Result,
        filters::{self, DateTimeFilter, Place, StringFilter, TagFilter, ids, logic, string, time},
        order::OrderDirection,
        pagination::{FilterInput, OrderInput},
    },
    store::{Order, conversation as store},
};

/// Which conversations. Conditions in one object hold all at once.
#[derive(Clone, Debug, InputObject)]
pub struct ConversationFilter {
    /// All of these hold.
    and: Option<Vec<ConversationFilter>>,
    /// One of these holds.
    or: Option<Vec<ConversationFilter>>,
    /// This does not hold.
    not: Option<Box<ConversationFilter>>,
    /// One of these: at most 100.
    id: Option<Vec<ID>>,
    /// Where they stand: one of these.
    status: Option<Vec<ConversationStatus>>,
    /// How the customer writes.
    channel: Option<StringFilter>,
    /// With one of these customers: at most 100.
    customer_id: Option<Vec<ID>>,
    /// The tags.
    tags: Option<TagFilter>,
    /// When made.
    created_at: Option<DateTimeFilter>,
    /// When last written in.
    last_message_at: Option<DateTimeFilter>,
    /// With customers that fit this.
    customer: Option<CustomerFilter>,
}

impl FilterInput<Entity> for ConversationFilter {
    fn read(self, place: &Place) -> Result<store::ConversationFilter> {
        let status = filters::values(self.status, &place.field("status"))?;
        Ok(store::ConversationFilter {
            logic: logic(self.and, self.or, self.not, place, Self::read)?,
            id: ids(self.id, &place.field("id"))?,
            status: status.map(|list| list.into_iter().map(Into::into).collect()),
            channel: string(self.channel, &place.field("channel"))?,
            customer_id: ids(self.customer_id, &place.field("customerId"))?,
            tags: filters::tags(self.tags, &place.field("tags"))?,
            created_at: time(self.created_at),
            last_message_at: time(self.last_message_at),
            customer: self
                .customer
                .map(|filter| filter.read(&place.field("customer")))
                .transpose()?,
        })
    }
}

/// By what conversations are sorted. One without a value sorts before all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "store::ConversationSort")]
#[expect(clippy::enum_variant_names, reason = "the contract names them")]
pub enum ConversationOrderField {
    /// When made.
    CreatedAt,
    /// When last changed.
    UpdatedAt,
    /// When last written in.
    LastMessageAt,
}

/// In which order conversations are listed. Ties are broken by id, so a cursor never skips or repeats.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct ConversationOrder {
    /// By what.
    field: ConversationOrderField,
    /// Which way.
    #[graphql(default_with = "OrderDirection::Desc")]
    direction: OrderDirection,
}

impl OrderInput<Entity> for ConversationOrder {
    const DEFAULT: Order<store::ConversationSort> = Order {
        field: store::ConversationSort::CreatedAt,
        descending: true,
    };

    fn read(self) -> Order<store::ConversationSort> {
        Order {
            field: self.field.into(),
            descending: self.direction == OrderDirection::Desc,
        }
    }
}
