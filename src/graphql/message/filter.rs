//! Which messages, and in which order.

use async_graphql::{Enum, InputObject, MaybeUndefined};
use entity::message::Entity;

use super::MessageDirection;
use crate::{
    graphql::{
        error::Result,
        filters::{DateTimeFilter, Place, StringFilter, given, plain, string, time},
        order::OrderDirection,
        pagination::{FilterInput, OrderInput},
    },
    store::{Order, message as store},
};

/// Which messages. Conditions in one object hold all at once; null in the place of a condition is refused.
#[derive(Clone, Debug, InputObject)]
pub struct MessageFilter {
    /// Which way they went.
    direction: MaybeUndefined<MessageDirection>,
    /// Address of the sender.
    sender_email: MaybeUndefined<StringFilter>,
    /// The plain text.
    body: MaybeUndefined<StringFilter>,
    /// When written.
    created_at: MaybeUndefined<DateTimeFilter>,
}

impl FilterInput<Entity> for MessageFilter {
    fn read(self, place: &Place) -> Result<store::MessageFilter> {
        Ok(store::MessageFilter {
            direction: given(self.direction, place, "direction", plain)?,
            sender_email: given(self.sender_email, place, "senderEmail", string)?,
            body: given(self.body, place, "body", string)?,
            created_at: given(self.created_at, place, "createdAt", time)?,
        })
    }
}

/// By what messages are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "store::MessageSort")]
pub enum MessageOrderField {
    /// When written.
    CreatedAt,
}

/// In which order messages are listed. Ties are broken by id, so a cursor never skips or repeats.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct MessageOrder {
    /// By what.
    field: MessageOrderField,
    /// Which way.
    #[graphql(default_with = "OrderDirection::Asc")]
    direction: OrderDirection,
}

impl OrderInput<Entity> for MessageOrder {
    const DEFAULT: Order<store::MessageSort> = Order {
        field: store::MessageSort::CreatedAt,
        descending: false,
    };

    fn read(self) -> Order<store::MessageSort> {
        Order {
            field: self.field.into(),
            descending: self.direction == OrderDirection::Desc,
        }
    }
}
