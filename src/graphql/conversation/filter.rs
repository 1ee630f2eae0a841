//! Which conversations, and in which order.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};
use entity::conversation::Entity;

use super::ConversationStatus;
use crate::{
    graphql::{
        customer::CustomerFilter,
        error::Result,
        filters::{
            DateTimeFilter, Place, StringFilter, TagFilter, any_of, given, ids, inner, logic, string, tags,
            time,
        },
        order::OrderDirection,
        pagination::{FilterInput, OrderInput},
    },
    store::{Order, conversation as store},
};

/// Which conversations. Conditions in one object hold all at once; null in the place of a condition is refused.
#[derive(Clone, Debug, InputObject)]
pub struct ConversationFilter {
    /// All of these hold.
    and: MaybeUndefined<Vec<ConversationFilter>>,
    /// One of these holds.
    or: MaybeUndefined<Vec<ConversationFilter>>,
    /// This does not hold.
    not: MaybeUndefined<Box<ConversationFilter>>,
    /// One of these: at most 100.
    id: MaybeUndefined<Vec<ID>>,
    /// Where they stand: one of these.
    status: MaybeUndefined<Vec<ConversationStatus>>,
    /// How the customer writes.
    channel: MaybeUndefined<StringFilter>,
    /// With one of these customers: at most 100.
    customer_id: MaybeUndefined<Vec<ID>>,
    /// The tags.
    tags: MaybeUndefined<TagFilter>,
    /// When made.
    created_at: MaybeUndefined<DateTimeFilter>,
    /// When last written in.
    last_message_at: MaybeUndefined<DateTimeFilter>,
    /// With customers that fit this.
    customer: MaybeUndefined<CustomerFilter>,
}

impl FilterInput<Entity> for ConversationFilter {
    fn read(self, place: &Place) -> Result<store::ConversationFilter> {
        Ok(store::ConversationFilter {
            logic: logic(self.and, self.or, self.not, place)?,
            id: given(self.id, place, "id", ids)?,
            status: given(self.status, place, "status", any_of)?,
            channel: given(self.channel, place, "channel", string)?,
            customer_id: given(self.customer_id, place, "customerId", ids)?,
            tags: given(self.tags, place, "tags", tags)?,
            created_at: given(self.created_at, place, "createdAt", time)?,
            last_message_at: given(self.last_message_at, place, "lastMessageAt", time)?,
            customer: given(self.customer, place, "customer", inner)?,
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
