//! Filters and sort orders of conversations.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};
use entity::conversation::Entity;

use super::ConversationStatus;
use crate::{
    graphql::{
        error::Result,
        filters::{
            ArgumentPath, DateTimeFilter, FilterInput, StringFilter, TagFilter, any_of, given, ids, inner,
            logic, string, tags, time,
        },
        nouns::customer::CustomerFilter,
        order::OrderDirection,
        pagination::OrderInput,
    },
    store::{Order, conversation as store},
};

/// Conditions on conversations. A conversation must meet all of them. Null in place of a condition is
/// refused. Conditions nest up to 8 levels deep, and a filter contains up to 1000 values and conditions.
#[derive(Clone, Debug, InputObject)]
pub struct ConversationFilter {
    /// Matches when all of these filters match: up to 100 filters.
    and: MaybeUndefined<Vec<ConversationFilter>>,
    /// Matches when at least one of these filters matches: up to 100 filters. An empty list matches nothing.
    or: MaybeUndefined<Vec<ConversationFilter>>,
    /// Matches when this filter does not match.
    not: MaybeUndefined<Box<ConversationFilter>>,
    /// Matches conversations with one of these ids: up to 100 ids.
    id: MaybeUndefined<Vec<ID>>,
    /// Matches conversations whose status is one of these.
    status: MaybeUndefined<Vec<ConversationStatus>>,
    /// Condition on the channel, compared without the case of A to Z.
    channel: MaybeUndefined<StringFilter>,
    /// Matches conversations with one of these customers: up to 100 ids.
    customer_id: MaybeUndefined<Vec<ID>>,
    /// Condition on the tags of the conversation.
    tags: MaybeUndefined<TagFilter>,
    /// Condition on `createdAt`, the time of creation.
    created_at: MaybeUndefined<DateTimeFilter>,
    /// Condition on `lastMessageAt`, the time of the newest message that is not internal.
    last_message_at: MaybeUndefined<DateTimeFilter>,
    /// Matches conversations with customers that match this filter.
    customer: MaybeUndefined<CustomerFilter>,
}

impl FilterInput<Entity> for ConversationFilter {
    fn read(self, place: &ArgumentPath) -> Result<store::ConversationFilter> {
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

/// Fields by which conversations can be sorted. Conversations without a value come first in ascending order
/// and last in descending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "store::ConversationSort")]
#[expect(clippy::enum_variant_names, reason = "the contract names them")]
pub enum ConversationOrderField {
    /// Sorts by the time of creation.
    CreatedAt,
    /// Sorts by the time of the last change to a field.
    UpdatedAt,
    /// Sorts by the time of the newest message that is not internal.
    LastMessageAt,
}

/// Sort order of a list of conversations. Items with equal values are sorted by id, so a cursor neither skips
/// nor repeats an item.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct ConversationOrder {
    /// Field by which the list is sorted.
    field: ConversationOrderField,
    /// Direction of the sort order.
    #[graphql(default_with = "OrderDirection::Desc")]
    direction: OrderDirection,
}

impl OrderInput<Entity> for ConversationOrder {
    fn read(self) -> Order<store::ConversationSort> {
        Order {
            field: self.field.into(),
            descending: self.direction == OrderDirection::Desc,
        }
    }
}
