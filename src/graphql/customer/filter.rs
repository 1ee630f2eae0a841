//! Which customers, and in which order.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};
use entity::customer::Entity;

use super::{CustomerSentiment, CustomerStatus};
use crate::{
    graphql::{
        error::Result,
        filters::{
            CustomFieldFilter, DateTimeFilter, Place, StringFilter, TagFilter, any_of, custom_fields, given,
            ids, logic, plain, string, tags, time,
        },
        order::OrderDirection,
        pagination::{FilterInput, OrderInput},
        ticket::Priority,
    },
    store::{Order, customer as store},
};

/// Which customers. Conditions in one object hold all at once; null in the place of a condition is refused.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerFilter {
    /// All of these hold.
    and: MaybeUndefined<Vec<CustomerFilter>>,
    /// One of these holds.
    or: MaybeUndefined<Vec<CustomerFilter>>,
    /// This does not hold.
    not: MaybeUndefined<Box<CustomerFilter>>,
    /// One of these: at most 100.
    id: MaybeUndefined<Vec<ID>>,
    /// The primary address.
    email: MaybeUndefined<StringFilter>,
    /// The name.
    name: MaybeUndefined<StringFilter>,
    /// The company.
    company: MaybeUndefined<StringFilter>,
    /// To be treated with priority.
    is_vip: MaybeUndefined<bool>,
    /// The priority of new tickets is one of these.
    priority_override: MaybeUndefined<Vec<Priority>>,
    /// The tags.
    tags: MaybeUndefined<TagFilter>,
    /// Whether they are still customers: one of these.
    status: MaybeUndefined<Vec<CustomerStatus>>,
    /// How they feel, as an agent put it down: one of these.
    sentiment: MaybeUndefined<Vec<CustomerSentiment>>,
    /// The caller's own id.
    external_id: MaybeUndefined<StringFilter>,
    /// Fields of the team's own: each condition holds. At most 100.
    custom_fields: MaybeUndefined<Vec<CustomFieldFilter>>,
    /// When made.
    created_at: MaybeUndefined<DateTimeFilter>,
    /// When last changed.
    updated_at: MaybeUndefined<DateTimeFilter>,
}

impl FilterInput<Entity> for CustomerFilter {
    fn read(self, place: &Place) -> Result<store::CustomerFilter> {
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

/// By what customers are sorted. One without a value sorts before all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "store::CustomerSort")]
pub enum CustomerOrderField {
    /// When made.
    CreatedAt,
    /// When last changed.
    UpdatedAt,
    /// By name, without case and accents.
    Name,
    /// By email, without the case of A to Z.
    Email,
    /// By company, without case and accents.
    Company,
    /// By the newest ticket.
    LastTicketAt,
}

/// In which order customers are listed. Ties are broken by id, so a cursor never skips or repeats.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct CustomerOrder {
    /// By what.
    field: CustomerOrderField,
    /// Which way.
    #[graphql(default_with = "OrderDirection::Desc")]
    direction: OrderDirection,
}

impl OrderInput<Entity> for CustomerOrder {
    const DEFAULT: Order<store::CustomerSort> = Order {
        field: store::CustomerSort::CreatedAt,
        descending: true,
    };

    fn read(self) -> Order<store::CustomerSort> {
        Order {
            field: self.field.into(),
            descending: self.direction == OrderDirection::Desc,
        }
    }
}
