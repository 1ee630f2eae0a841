//! Which tickets, and in which order.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};
use entity::ticket::Entity;

use super::{Priority, TicketStatus};
use crate::{
    graphql::{
        customer::CustomerFilter,
        error::Result,
        filters::{
            CustomFieldFilter, DateTimeFilter, Place, StringFilter, TagFilter, any_of, custom_fields, given,
            ids, inner, logic, plain, string, tags, time,
        },
        order::OrderDirection,
        pagination::{FilterInput, OrderInput},
    },
    store::{Order, ticket as store},
};

/// Which tickets. Conditions in one object hold all at once; null in the place of a condition is refused.
#[derive(Clone, Debug, InputObject)]
pub struct TicketFilter {
    /// All of these hold.
    and: MaybeUndefined<Vec<TicketFilter>>,
    /// One of these holds.
    or: MaybeUndefined<Vec<TicketFilter>>,
    /// This does not hold.
    not: MaybeUndefined<Box<TicketFilter>>,
    /// One of these: at most 100.
    id: MaybeUndefined<Vec<ID>>,
    /// Where they stand: one of these.
    status: MaybeUndefined<Vec<TicketStatus>>,
    /// How urgent they are: one of these.
    priority: MaybeUndefined<Vec<Priority>>,
    /// What they are about.
    subject: MaybeUndefined<StringFilter>,
    /// Of one of these customers: at most 100.
    customer_id: MaybeUndefined<Vec<ID>>,
    /// The email given when the ticket was made.
    customer_email: MaybeUndefined<StringFilter>,
    /// One of these agents has them: at most 100.
    assigned_to: MaybeUndefined<Vec<ID>>,
    /// true: an agent has them. false: nobody has.
    is_assigned: MaybeUndefined<bool>,
    /// One of these teams has them: at most 100.
    team_id: MaybeUndefined<Vec<ID>>,
    /// They wait in one of these queues: at most 100.
    queue_id: MaybeUndefined<Vec<ID>>,
    /// Fields of the team's own: each condition holds. At most 100.
    custom_fields: MaybeUndefined<Vec<CustomFieldFilter>>,
    /// Where they came from.
    source: MaybeUndefined<StringFilter>,
    /// How they were resolved.
    resolution_type: MaybeUndefined<StringFilter>,
    /// The tags.
    tags: MaybeUndefined<TagFilter>,
    /// When made.
    created_at: MaybeUndefined<DateTimeFilter>,
    /// When last changed.
    updated_at: MaybeUndefined<DateTimeFilter>,
    /// When resolved.
    resolved_at: MaybeUndefined<DateTimeFilter>,
    /// When last written in.
    last_message_at: MaybeUndefined<DateTimeFilter>,
    /// Of customers that fit this.
    customer: MaybeUndefined<CustomerFilter>,
}

impl FilterInput<Entity> for TicketFilter {
    fn read(self, place: &Place) -> Result<store::TicketFilter> {
        Ok(store::TicketFilter {
            logic: logic(self.and, self.or, self.not, place)?,
            id: given(self.id, place, "id", ids)?,
            status: given(self.status, place, "status", any_of)?,
            priority: given(self.priority, place, "priority", any_of)?,
            subject: given(self.subject, place, "subject", string)?,
            customer_id: given(self.customer_id, place, "customerId", ids)?,
            customer_email: given(self.customer_email, place, "customerEmail", string)?,
            assigned_to: given(self.assigned_to, place, "assignedTo", ids)?,
            is_assigned: given(self.is_assigned, place, "isAssigned", plain)?,
            team_id: given(self.team_id, place, "teamId", ids)?,
            queue_id: given(self.queue_id, place, "queueId", ids)?,
            custom_fields: given(self.custom_fields, place, "customFields", custom_fields)?
                .unwrap_or_default(),
            source: given(self.source, place, "source", string)?,
            resolution_type: given(self.resolution_type, place, "resolutionType", string)?,
            tags: given(self.tags, place, "tags", tags)?,
            created_at: given(self.created_at, place, "createdAt", time)?,
            updated_at: given(self.updated_at, place, "updatedAt", time)?,
            resolved_at: given(self.resolved_at, place, "resolvedAt", time)?,
            last_message_at: given(self.last_message_at, place, "lastMessageAt", time)?,
            customer: given(self.customer, place, "customer", inner)?,
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
