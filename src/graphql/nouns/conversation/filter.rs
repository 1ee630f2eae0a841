//! Filters and sort orders of conversations.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};
use entity::conversation::Entity;

use super::ConversationStatus;
use crate::{
    graphql::{
        error::Result,
        filters::{
            CustomFieldFilter, DateTimeFilter, StringFilter, TagFilter, any_of, custom_fields, filter_input,
            id, ids, inner, plain, string, tags, time,
        },
        input::non_empty,
        nouns::customer::CustomerFilter,
        pagination::order_input,
    },
    store::conversation as store,
};

filter_input! {
    /// Conditions on conversations. A conversation must meet all of them. Null in place of a condition is
    /// refused. Conditions nest up to 8 levels deep, and a filter contains up to 1000 values and conditions.
    ConversationFilter of Entity, nesting (and, or, not) {
        /// Matches conversations with one of these ids: up to 100 ids.
        id: Vec<ID> => ids,
        /// Matches conversations whose status is one of these.
        status: Vec<ConversationStatus> => any_of,
        /// Condition on the channel, compared without the case of A to Z.
        channel: StringFilter => string,
        /// Matches conversations with one of these customers: up to 100 ids.
        customer_id: Vec<ID> => ids,
        /// Condition on the tags of the conversation.
        tags: TagFilter => tags,
        /// Condition on `createdAt`, the time of creation.
        created_at: DateTimeFilter => time,
        /// Condition on `lastMessageAt`, the time of the newest message that is not internal.
        last_message_at: DateTimeFilter => time,
        /// Condition on `lastInboundAt`, the time of the newest inbound message that is not internal.
        last_inbound_at: DateTimeFilter => time,
        /// Condition on `lastOutboundAt`, the time of the newest outbound message that is not internal.
        last_outbound_at: DateTimeFilter => time,
        /// True: matches conversations with an inbound message that is later than every outbound message. False:
        /// matches all other conversations. Internal messages do not count.
        is_awaiting_reply: bool => plain,
        /// Matches conversations that are assigned to one of these agents: up to 100 ids.
        assignee_id: Vec<ID> => ids,
        /// True: matches conversations that are assigned to an agent. False: matches conversations without an agent.
        is_assigned: bool => plain,
        /// Matches conversations that are assigned to one of these teams: up to 100 ids. Matches nothing for a
        /// customer, who sees no teams.
        team_id: Vec<ID> => ids,
        /// Matches conversations in one of these queues: up to 100 ids. Matches nothing for a customer, who sees
        /// no queues.
        queue_id: Vec<ID> => ids,
        /// Conditions on custom fields, all of which must match: up to 100 conditions.
        custom_fields: Vec<CustomFieldFilter> => custom_fields if non_empty,
        /// Condition on `externalId`, compared without the case of A to Z.
        external_id: StringFilter => string,
        /// Condition on `snoozedUntil`, the time at which the conversation opens.
        snoozed_until: DateTimeFilter => time,
        /// Condition on `updatedAt`, the time of the last change to a field.
        updated_at: DateTimeFilter => time,
        /// Matches conversations with customers that match this filter.
        customer: CustomerFilter => inner,
        /// Matches the inbox of this agent: conversations that are `OPEN` and assigned to the agent, to one of
        /// its teams, or to no agent and no team. Sort by `WAITING_SINCE` with `ASC` to list the longest waiting
        /// customers first. Matches nothing when the agent does not exist or the viewer does not see it, and for
        /// a customer.
        inbox_of: ID => id,
    }
}

/// Fields by which conversations can be sorted. Conversations without a value come first in ascending order
/// and last in descending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "store::ConversationSort")]
pub enum ConversationOrderField {
    /// Sorts by the time of creation.
    CreatedAt,
    /// Sorts by the time of the last change to a field.
    UpdatedAt,
    /// Sorts by the time of the newest message that is not internal.
    LastMessageAt,
    /// Sorts by `lastInboundAt` of the conversations with an inbound message that is later than every
    /// outbound message. All other conversations come last in ascending order.
    WaitingSince,
}

order_input! {
    /// Sort order of a list of conversations. Items with equal values are sorted by id, so a cursor neither skips
    /// nor repeats an item.
    ConversationOrder of Entity, by ConversationOrderField
}
