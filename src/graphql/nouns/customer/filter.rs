//! Filters and sort orders of customers.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};
use entity::customer::Entity;

use super::{CustomerSentiment, CustomerStatus};
use crate::{
    graphql::{
        error::Result,
        filters::{
            ArgumentPath, CustomFieldFilter, DateTimeFilter, FilterInput, StringFilter, TagFilter, any_of,
            custom_fields, given, ids, logic, plain, string, tags, time,
        },
        nouns::ticket::Priority,
        order::OrderDirection,
        pagination::OrderInput,
    },
    store::{Order, customer as store},
};

/// Conditions on customers. A customer must meet all of them. Null in place of a condition is refused.
/// Conditions nest up to 8 levels deep, and a filter contains up to 1000 values and conditions.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerFilter {
    /// Matches when all of these filters match: up to 100 filters.
    and: MaybeUndefined<Vec<CustomerFilter>>,
    /// Matches when at least one of these filters matches: up to 100 filters. An empty list matches nothing.
    or: MaybeUndefined<Vec<CustomerFilter>>,
    /// Matches when this filter does not match.
    not: MaybeUndefined<Box<CustomerFilter>>,
    /// Matches customers with one of these ids: up to 100 ids.
    id: MaybeUndefined<Vec<ID>>,
    /// Condition on the primary email address, compared without the case of A to Z. Other addresses are not
    /// compared.
    email: MaybeUndefined<StringFilter>,
    /// Condition on `name`, compared without case and accents.
    name: MaybeUndefined<StringFilter>,
    /// Condition on the company, compared without case and accents.
    company: MaybeUndefined<StringFilter>,
    /// True: matches customers marked as VIP. False: matches all other customers.
    is_vip: MaybeUndefined<bool>,
    /// Matches customers whose `priorityOverride` is one of these. Customers without one do not match.
    priority_override: MaybeUndefined<Vec<Priority>>,
    /// Condition on the tags of the customer.
    tags: MaybeUndefined<TagFilter>,
    /// Matches customers whose status is one of these.
    status: MaybeUndefined<Vec<CustomerStatus>>,
    /// Matches customers whose `sentiment`, which is set by callers, is one of these.
    sentiment: MaybeUndefined<Vec<CustomerSentiment>>,
    /// Condition on `externalId`, compared without the case of A to Z.
    external_id: MaybeUndefined<StringFilter>,
    /// Conditions on custom fields, all of which must match: up to 100 conditions.
    custom_fields: MaybeUndefined<Vec<CustomFieldFilter>>,
    /// Condition on `createdAt`, the time of creation.
    created_at: MaybeUndefined<DateTimeFilter>,
    /// Condition on `updatedAt`, the time of the last change to a field.
    updated_at: MaybeUndefined<DateTimeFilter>,
}

impl FilterInput<Entity> for CustomerFilter {
    fn read(self, place: &ArgumentPath) -> Result<store::CustomerFilter> {
        Ok(store::CustomerFilter {
            logic: logic(self.and, self.or, self.not, place)?,
            search: None,
            any_email: None,
            exact_external_id: None,
            status: given(self.status, place, "status", any_of)?,
            sentiment: given(self.sentiment, place, "sentiment", any_of)?,
            external_id: given(self.external_id, place, "externalId", string)?,
            custom_fields: given(self.custom_fields, place, "customFields", custom_fields)?
                .unwrap_or_default(),
            id: given(self.id, place, "id", ids)?,
            email: given(self.email, place, "email", string)?,
            name: given(self.name, place, "name", string)?,
            company: given(self.company, place, "company", string)?,
            is_vip: given(self.is_vip, place, "isVip", plain)?,
            priority_override: given(self.priority_override, place, "priorityOverride", any_of)?,
            tags: given(self.tags, place, "tags", tags)?,
            created_at: given(self.created_at, place, "createdAt", time)?,
            updated_at: given(self.updated_at, place, "updatedAt", time)?,
        })
    }
}

/// Fields by which customers can be sorted. Customers without a value come first in ascending order and last
/// in descending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "store::CustomerSort")]
pub enum CustomerOrderField {
    /// Sorts by the time of creation.
    CreatedAt,
    /// Sorts by the time of the last change to a field.
    UpdatedAt,
    /// Sorts by name, without case and accents.
    Name,
    /// Sorts by primary email address, without the case of A to Z.
    Email,
    /// Sorts by company, without case and accents.
    Company,
    /// Sorts by the time at which the newest ticket was created.
    LastTicketAt,
}

/// Sort order of a list of customers. Items with equal values are sorted by id, so a cursor neither skips nor
/// repeats an item.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct CustomerOrder {
    /// Field by which the list is sorted.
    field: CustomerOrderField,
    /// Direction of the sort order.
    #[graphql(default_with = "OrderDirection::Desc")]
    direction: OrderDirection,
}

impl OrderInput<Entity> for CustomerOrder {
    fn read(self) -> Order<store::CustomerSort> {
        Order {
            field: self.field.into(),
            descending: self.direction == OrderDirection::Desc,
        }
    }
}
