//! Which messages, and in which order.

use async_graphql::{Enum, InputObject};
use entity::message::Entity;

use super::MessageDirection;
use crate::{
    graphql::{
        error::Result,
        filters::{DateTimeFilter, Place, StringFilter, string, time},
        order::OrderDirection,
        pagination::{FilterInput, OrderInput},
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

impl FilterInput<Entity> for MessageFilter {
    fn read(self, place: &Place) -> Result<store::MessageFilter> {
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
