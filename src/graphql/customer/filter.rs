//! Which customers, and in which order.

use async_graphql::{Enum, ID, InputObject};
use entity::customer::Entity;

use super::{CustomerSentiment, CustomerStatus};
use crate::{
    graphql::{
        error::Result,
        filters::{
            self, CustomFieldFilter, DateTimeFilter, Place, StringFilter, TagFilter, ids, logic, string, time,
        },
        order::OrderDirection,
        pagination::{FilterInput, OrderInput},
        ticket::Priority,
    },
    store::{Order, customer as store},
};

/// Which customers. Conditions in one object hold all at once.
#[derive(Clone, Debug, InputObject)]
pub struct CustomerFilter {
    /// All of these hold.
    and: Option<Vec<CustomerFilter>>,
    /// One of these holds.
    or: Option<Vec<CustomerFilter>>,
    /// This does not hold.
    not: Option<Box<CustomerFilter>>,
    /// One of these: at most 100.
    id: Option<Vec<ID>>,
    /// The primary address.
    email: Option<StringFilter>,
    /// The name.
    name: Option<StringFilter>,
    /// The company.
    company: Option<StringFilter>,
    /// To be treated with priority.
    is_vip: Option<bool>,
    /// The priority of new tickets is one of these.
    priority_override: Option<Vec<Priority>>,
    /// The tags.
    tags: Option<TagFilter>,
    /// Whether they are still customers: one of these.
    status: Option<Vec<CustomerStatus>>,
    /// How they feel, as an agent put it down: one of these.
    sentiment: Option<Vec<CustomerSentiment>>,
    /// The caller's own id.
    external_id: Option<StringFilter>,
    /// Fields of the team's own: each condition holds. At most 100.
    custom_fields: Option<Vec<CustomFieldFilter>>,
    /// When made.
    created_at: Option<DateTimeFilter>,
    /// When last changed.
    updated_at: Option<DateTimeFilter>,
}

impl FilterInput<Entity> for CustomerFilter {
    fn read(self, place: &Place) -> Result<store::CustomerFilter> {
        Ok(store::CustomerFilter {
            logic: logic(self.and, self.or, self.not, place, Self::read)?,
            search: None,
            any_email: None,
            exact_external_id: None,
            status: filters::values(self.status, &place.field("status"))?
                .map(|list| list.into_iter().map(Into::into).collect()),
            sentiment: filters::values(self.sentiment, &place.field("sentiment"))?
                .map(|list| list.into_iter().map(Into::into).collect()),
            external_id: string(self.external_id, &place.field("externalId"))?,
            custom_fields: filters::custom_fields(self.custom_fields, &place.field("customFields"))?,
            id: ids(self.id, &place.field("id"))?,
            email: string(self.email, &place.field("email"))?,
            name: string(self.name, &place.field("name"))?,
            company: string(self.company, &place.field("company"))?,
            is_vip: self.is_vip,
            priority_override: filters::values(self.priority_override, &place.field("priorityOverride"))?
                .map(|list| list.into_iter().map(Into::into).collect()),
            tags: filters::tags(self.tags, &place.field("tags"))?,
            created_at: time(self.created_at),
            updated_at: time(self.updated_at),
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
    /// By name, without case.
    Name,
    /// By email, without the case of A to Z.
    Email,
    /// By company, without case.
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
