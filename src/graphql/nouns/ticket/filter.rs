//! Filters and sort orders of tickets.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};
use entity::ticket::Entity;

use super::{Priority, TicketStatus};
use crate::{
    graphql::{
        error::Result,
        filters::{
            CustomFieldFilter, DateTimeFilter, StringFilter, TagFilter, any_of, custom_fields, filter_input,
            ids, inner, plain, string, tags, time,
        },
        input::non_empty,
        nouns::customer::CustomerFilter,
        pagination::order_input,
    },
    store::ticket as store,
};

filter_input! {
    /// Conditions on tickets. A ticket must meet all of them. Null in place of a condition is refused. Conditions
    /// nest up to 8 levels deep, and a filter contains up to 1000 values and conditions.
    TicketFilter of Entity, nesting (and, or, not) {
        /// Matches tickets with one of these ids: up to 100 ids.
        id: Vec<ID> => ids,
        /// Matches tickets whose status is one of these.
        status: Vec<TicketStatus> => any_of,
        /// Matches tickets whose priority is one of these.
        priority: Vec<Priority> => any_of,
        /// Condition on the subject, compared without case in all scripts.
        subject: StringFilter => string,
        /// Matches tickets of one of these customers: up to 100 ids.
        customer_id: Vec<ID> => ids,
        /// Condition on the email address that was given when the ticket was created, compared without the case
        /// of A to Z.
        customer_email: StringFilter => string,
        /// Matches tickets assigned to one of these agents: up to 100 ids.
        assigned_to: Vec<ID> => ids,
        /// True: matches tickets that are assigned to an agent. False: matches tickets without an agent.
        is_assigned: bool => plain,
        /// Matches tickets assigned to one of these teams: up to 100 ids. Matches nothing for a customer, who
        /// sees no teams.
        team_id: Vec<ID> => ids,
        /// Matches tickets in one of these queues: up to 100 ids. Matches nothing for a customer, who sees no
        /// queues.
        queue_id: Vec<ID> => ids,
        /// Conditions on custom fields, all of which must match: up to 100 conditions.
        custom_fields: Vec<CustomFieldFilter> => custom_fields if non_empty,
        /// Condition on `source`, compared without the case of A to Z.
        source: StringFilter => string,
        /// Condition on `resolutionType`, compared without the case of A to Z.
        resolution_type: StringFilter => string,
        /// Condition on the tags of the ticket.
        tags: TagFilter => tags,
        /// Condition on `createdAt`, the time of creation.
        created_at: DateTimeFilter => time,
        /// Condition on `updatedAt`, the time of the last change to a field.
        updated_at: DateTimeFilter => time,
        /// Condition on `resolvedAt`, the time of resolution.
        resolved_at: DateTimeFilter => time,
        /// Condition on `lastMessageAt`, the time of the newest message that is not internal.
        last_message_at: DateTimeFilter => time,
        /// Condition on `lastInboundAt`, the time of the newest inbound message that is not internal.
        last_inbound_at: DateTimeFilter => time,
        /// Condition on `lastOutboundAt`, the time of the newest outbound message that is not internal.
        last_outbound_at: DateTimeFilter => time,
        /// True: matches tickets with an inbound message that is later than every outbound message. False:
        /// matches all other tickets. Internal messages do not count.
        is_awaiting_reply: bool => plain,
        /// Matches tickets of customers that match this filter.
        customer: CustomerFilter => inner,
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
    /// Sorts by the time of the newest message that is not internal.
    LastMessageAt,
    /// Sorts by status: `OPEN`, `PENDING`, `SOLVED`, `CLOSED` in ascending order.
    Status,
    /// Sorts by priority: `LOW`, `MEDIUM`, `HIGH`, `URGENT` in ascending order.
    Priority,
}

order_input! {
    /// Sort order of a list of tickets. Items with equal values are sorted by id, so a cursor neither skips nor
    /// repeats an item.
    TicketOrder of Entity, by TicketOrderField
}
