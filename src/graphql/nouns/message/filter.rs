//! Filters and sort orders of messages.

use async_graphql::{Enum, InputObject, MaybeUndefined};
use entity::message::Entity;

use super::MessageDirection;
use crate::{
    graphql::{
        error::Result,
        filters::{DateTimeFilter, StringFilter, filter_input, plain, string, time},
        pagination::order_input,
    },
    store::message as store,
};

filter_input! {
    /// Conditions on messages. A message must meet all of them. Null in place of a condition is refused.
    MessageFilter of Entity, nesting (and, or, not) {
        /// Matches messages with this direction.
        direction: MessageDirection => plain,
        /// Condition on the sender's email address, compared without the case of A to Z.
        sender_email: StringFilter => string,
        /// Conditions on the plain text, compared without the case of A to Z. Plain texts have no index. The list
        /// is refused with `TIMEOUT` when the messages that meet the other conditions contain more than 32 MiB of
        /// plain text in total, by default. The lists of all tickets, conversations or customers of a page count
        /// together.
        body: StringFilter => string,
        /// Condition on `createdAt`, the time at which the message was written.
        created_at: DateTimeFilter => time,
        /// True: matches internal messages. False: matches all other messages.
        is_internal: bool => plain,
    }
}

/// Fields by which messages can be sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "store::MessageSort")]
pub enum MessageOrderField {
    /// Sorts by the time at which the message was written.
    CreatedAt,
}

order_input! {
    /// Sort order of a list of messages. Items with equal values are sorted by id, so a cursor neither skips nor
    /// repeats an item.
    MessageOrder of Entity, by MessageOrderField
}
