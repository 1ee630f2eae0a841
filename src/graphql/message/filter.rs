//! Which messages, and in which order.

use async_graphql::{Enum, InputObject};

use super::MessageDirection;
use crate::{
    graphql::{
        error::Result,
        filters::{DateTimeFilter, Place, StringFilter, string, time},
        order::OrderDirection,
    },
    store::{Order, message as store},
};

/// Which messages. Conditions in one object hold all at once.
#[derive(Clone, Debug, InputObject)]
pub struct MessageFilter {
    /// Which way they went.
    direction: Option<MessageDirection>,
    /// Address of the sender.
    sender_email: Option<StringFilter>,
    /// The plain text.
    body: Option<StringFilter>,
    /// When written.
    created_at: Option<DateTimeFilter>,
}

impl MessageFilter {
    /// As the store takes it.
    pub fn read(self, place: &Place) -> Result<store::MessageFilter> {
        Ok(store::MessageFilter {
            direction: self.direction.map(Into::into),
            sender_email: string(self.sender_email, &place.field("senderEmail"))?,
            body: string(self.body, &place.field("body"))?,
            created_at: time(self.created_at),
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

/// The order that is asked for, or the oldest first.
pub fn order(asked: Option<MessageOrder>) -> Order<store::MessageSort> {
    asked.map_or(
        Order {
            field: store::MessageSort::CreatedAt,
            descending: false,
        },
        |order| Order {
            field: order.field.into(),
            descending: order.direction == OrderDirection::Desc,
        },
    )
}
