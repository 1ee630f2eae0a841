//! Filters and sort orders of tickets.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};
use entity::ticket::Entity;

use super::{Priority, TicketStatus};
use crate::{
    graphql::{
        error::Result,
        filters::{
            ArgumentPath, CustomFieldFilter, DateTimeFilter, FilterInput, StringFilter, TagFilter, any_of,
            custom_fields, given, ids, inner, logic, plain, string, tags, time,
        },
        nouns::customer::CustomerFilter,
        order::OrderDirection,
        pagination::OrderInput,
    },
    store::{Order, ticket as store},
};

/// Conditions on tickets. A ticket must meet all of them. Null in place of a condition is refused. Conditions
/// nest up to 8 levels deep, and a filter contains up to 1000 values and conditions.
#[derive(Clone, Debug, InputObject)]
pub struct TicketFilter {
    /// Matches when all of these filters match: up to 100 filters.
    and: MaybeUndefined<Vec<TicketFilter>>,
    /// Matches when at least one of these filters matches: up to 100 filters. An empty list matches nothing.
    or: MaybeUndefined<Vec<TicketFilter>>,
    /// Matches when this filter does not match.
    not: MaybeUndefined<Box<TicketFilter>>,
    /// Matches tickets with one of these ids: up to 100 ids.
    id: MaybeUndefined<Vec<ID>>,
    /// Matches tickets whose status is one of these.
    status: MaybeUndefined<Vec<TicketStatus>>,
    /// Matches tickets whose priority is one of these.
    priority: MaybeUndefined<Vec<Priority>>,
    /// Condition on the subject, compared without case in all scripts.
    subject: MaybeUndefined<StringFilter>,
    /// Matches tickets of one of these customers: up to 100 ids.
    customer_id: MaybeUndefined<Vec<ID>>,
    /// Condition on the email address that was given when the ticket was created, compared without the case
    /// of A to Z.
    customer_email: MaybeUndefined<StringFilter>,
    /// Matches tickets assigned to one of these agents: up to 100 ids.
    assigned_to: MaybeUndefined<Vec<ID>>,
    /// True: matches tickets that are assigned to an agent. False: matches tickets without an agent.
    is_assigned: MaybeUndefined<bool>,
    /// Matches tickets assigned to one of these teams: up to 100 ids. Matches nothing for a customer, who
    /// sees no teams.
    team_id: MaybeUndefined<Vec<ID>>,
    /// Matches tickets in one of these queues: up to 100 ids. Matches nothing for a customer, who sees no
    /// queues.
    queue_id: MaybeUndefined<Vec<ID>>,
    /// Conditions on custom fields, all of which must match: up to 100 conditions.
    custom_fields: MaybeUndefined<Vec<CustomFieldFilter>>,
    /// Condition on `source`, compared without the case of A to Z.
    source: MaybeUndefined<StringFilter>,
    /// Condition on `resolutionType`, compared without the case of A to Z.
    resolution_type: MaybeUndefined<StringFilter>,
    /// Condition on the tags of the ticket.
    tags: MaybeUndefined<TagFilter>,
    /// Condition on `createdAt`, the time of creation.
    created_at: MaybeUndefined<DateTimeFilter>,
    /// Condition on `updatedAt`, the time of the last change to a field.
    updated_at: MaybeUndefined<DateTimeFilter>,
    /// Condition on `resolvedAt`, the time of resolution.
    resolved_at: MaybeUndefined<DateTimeFilter>,
    /// Condition on `lastMessageAt`, the time of the newest message that is not internal.
    last_message_at: MaybeUndefined<DateTimeFilter>,
    /// Matches tickets of customers that match this filter.
    customer: MaybeUndefined<CustomerFilter>,
}

impl FilterInput<Entity> for TicketFilter {
    fn read(self, place: &ArgumentPath) -> Result<store::TicketFilter> {
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

/// Fields by which tickets can be sorted. Tickets without a value come first in ascending order and last in
/// descending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "store::TicketSort")]
pub enum TicketOrderField {
    /// Sorts by the time of creation.
    CreatedAt,
    /// Sorts by the time of the last change to a field.
    UpdatedAt,
    /// Sorts by priority: `LOW`, `MEDIUM`, `HIGH`, `URGENT` in ascending order.
    Priority,
    /// Sorts by status: `OPEN`, `PENDING`, `SOLVED`, `CLOSED` in ascending order.
    Status,
    /// Sorts by the time of the newest message that is not internal.
    LastMessageAt,
}

/// Sort order of a list of tickets. Items with equal values are sorted by id, so a cursor neither skips nor
/// repeats an item.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct TicketOrder {
    /// Field by which the list is sorted.
    field: TicketOrderField,
    /// Direction of the sort order.
    #[graphql(default_with = "OrderDirection::Desc")]
    direction: OrderDirection,
}

impl OrderInput<Entity> for TicketOrder {
    fn read(self) -> Order<store::TicketSort> {
        Order {
            field: self.field.into(),
            descending: self.direction == OrderDirection::Desc,
        }
    }
}
