//! Which tickets, and in which order.

use async_graphql::{Enum, ID, InputObject};
use entity::ticket::Entity;

use super::{Priority, TicketStatus};
use crate::{
    graphql::{
        customer::CustomerFilter,
        error::Result,
        filters::{
            self, CustomFieldFilter, DateTimeFilter, Place, StringFilter, TagFilter, ids, logic, string, time,
        },
        order::OrderDirection,
        pagination::{FilterInput, OrderInput},
    },
    store::{Order, ticket as store},
};

/// Which tickets. Conditions in one object hold all at once.
#[derive(Clone, Debug, InputObject)]
pub struct TicketFilter {
    /// All of these hold.
    and: Option<Vec<TicketFilter>>,
    /// One of these holds.
    or: Option<Vec<TicketFilter>>,
    /// This does not hold.
    not: Option<Box<TicketFilter>>,
    /// One of these: at most 100.
    id: Option<Vec<ID>>,
    /// Where they stand: one of these.
    status: Option<Vec<TicketStatus>>,
    /// How urgent they are: one of these.
    priority: Option<Vec<Priority>>,
    /// What they are about.
    subject: Option<StringFilter>,
    /// Of one of these customers: at most 100.
    customer_id: Option<Vec<ID>>,
    /// The email given when the ticket was made.
    customer_email: Option<StringFilter>,
    /// One of these agents has them: at most 100.
    assigned_to: Option<Vec<ID>>,
    /// true: an agent has them. false: nobody has.
    is_assigned: Option<bool>,
    /// One of these teams has them: at most 100.
    team_id: Option<Vec<ID>>,
    /// They wait in one of these queues: at most 100.
    queue_id: Option<Vec<ID>>,
    /// Fields of the team's own: each condition holds. At most 100.
    custom_fields: Option<Vec<CustomFieldFilter>>,
    /// Where they came from.
    source: Option<StringFilter>,
    /// How they were resolved.
    resolution_type: Option<StringFilter>,
    /// The tags.
    tags: Option<TagFilter>,
    /// When made.
    created_at: Option<DateTimeFilter>,
    /// When last changed.
    updated_at: Option<DateTimeFilter>,
    /// When resolved.
    resolved_at: Option<DateTimeFilter>,
    /// When last written in.
    last_message_at: Option<DateTimeFilter>,
    /// Of customers that fit this.
    customer: Option<CustomerFilter>,
}

impl FilterInput<Entity> for TicketFilter {
    fn read(self, place: &Place) -> Result<store::TicketFilter> {
        let status = filters::values(self.status, &place.field("status"))?;
        let priority = filters::values(self.priority, &place.field("priority"))?;
        Ok(store::TicketFilter {
            logic: logic(self.and, self.or, self.not, place, Self::read)?,
            id: ids(self.id, &place.field("id"))?,
            status: status.map(|list| list.into_iter().map(Into::into).collect()),
            priority: priority.map(|list| list.into_iter().map(Into::into).collect()),
            subject: string(self.subject, &place.field("subject"))?,
            customer_id: ids(self.customer_id, &place.field("customerId"))?,
            customer_email: string(self.customer_email, &place.field("customerEmail"))?,
            assigned_to: ids(self.assigned_to, &place.field("assignedTo"))?,
            is_assigned: self.is_assigned,
            team_id: ids(self.team_id, &place.field("teamId"))?,
            queue_id: ids(self.queue_id, &place.field("queueId"))?,
            custom_fields: filters::custom_fields(self.custom_fields, &place.field("customFields"))?,
            source: string(self.source, &place.field("source"))?,
            resolution_type: string(self.resolution_type, &place.field("resolutionType"))?,
            tags: filters::tags(self.tags, &place.field("tags"))?,
            created_at: time(self.created_at),
            updated_at: time(self.updated_at),
            resolved_at: time(self.resolved_at),
            last_message_at: time(self.last_message_at),
            customer: self
                .customer
                .map(|filter| filter.read(&place.field("customer")))
                .transpose()?,
        })
    }
}

/// By what tickets are sorted. One without a value sorts before all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "store::TicketSort")]
pub enum TicketOrderField {
    /// When made.
    CreatedAt,
    /// When last changed.
    UpdatedAt,
    /// From LOW to URGENT.
    Priority,
    /// From OPEN to CLOSED.
    Status,
    /// When last written in.
    LastMessageAt,
}

/// In which order tickets are listed. Ties are broken by id, so a cursor never skips or repeats.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct TicketOrder {
    /// By what.
    field: TicketOrderField,
    /// Which way.
    #[graphql(default_with = "OrderDirection::Desc")]
    direction: OrderDirection,
}

impl OrderInput<Entity> for TicketOrder {
    const DEFAULT: Order<store::TicketSort> = Order {
        field: store::TicketSort::CreatedAt,
        descending: true,
    };

    fn read(self) -> Order<store::TicketSort> {
        Order {
            field: self.field.into(),
            descending: self.direction == OrderDirection::Desc,
        }
    }
}
