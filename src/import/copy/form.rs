//! Values as an export writes them: ids, instants, words, bytes.

use std::{fmt::Display, str::FromStr};

use base64::{Engine, prelude::BASE64_STANDARD};
use entity::{
    Timestamp, agent::Role, change, conversation, customer, message::Direction, ticket, ticket::Priority,
};
use serde::{Deserialize, Deserializer, de::Error};

use crate::events::Recorded;

/// An id, or something else that is written as a text.
#[derive(Clone, Copy, Debug)]
pub struct Id<T>(pub T);

impl<'de, T: FromStr> Deserialize<'de> for Id<T>
where
    T::Err: Display,
{
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
        let text = String::deserialize(text)?;
        text.parse()
            .map(Self)
            .map_err(|error| D::Error::custom(format!("{text:?} {error}")))
    }
}

/// An instant.
#[derive(Clone, Copy, Debug)]
pub struct At(pub Timestamp);

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
        let text = String::deserialize(text)?;
        let instant = Timestamp::parse(&text);
        instant
            .map(Self)
            .ok_or_else(|| D::Error::custom(format!("{text:?} is not a timestamp")))
    }
}

/// Bytes in base 64.
#[derive(Clone, Debug)]
pub struct Bytes(pub Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
        let text = String::deserialize(text)?;
        BASE64_STANDARD.decode(text).map(Self).map_err(D::Error::custom)
    }
}

/// One of some values, each of which the API has a word for.
pub trait Listed: Sized + Copy + 'static {
    /// All of them.
    const ALL: &'static [Self];

    /// The word of one.
    fn word(self) -> String;
}

/// One of some values, written as its word.
#[derive(Clone, Copy, Debug)]
pub struct Word<T>(pub T);

impl<'de, T: Listed> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
        let text = String::deserialize(text)?;
        let found = T::ALL.iter().find(|one| one.word() == text);
        found
            .copied()
            .map(Self)
            .ok_or_else(|| D::Error::custom(format!("{text:?} is not a known value")))
    }
}

macro_rules! listed {
    ($($kind:ty: $($one:ident),+;)+) => {
        $(impl Listed for $kind {
            const ALL: &'static [Self] = &[$(Self::$one),+];

            fn word(self) -> String {
                self.recorded().as_str().unwrap_or_default().to_owned()
            }
        })+
    };
}

listed! {
    Role: Agent, Admin;
    Direction: Inbound, Outbound;
    Priority: Low, Medium, High, Urgent;
    customer::Status: Active, Inactive;
    customer::Sentiment: Happy, Neutral, Frustrated, Angry;
    conversation::Status: Open, Snoozed, Done;
    ticket::Status: Open, Pending, Solved, Closed;
}

impl Listed for change::Name {
    const ALL: &'static [Self] = &Self::ALL;

    fn word(self) -> String {
        self.wire().to_owned()
    }
}

impl Listed for change::ActorKind {
    const ALL: &'static [Self] = &[
        Self::Agent,
        Self::Customer,
        Self::ApiKey,
        Self::Operator,
        Self::System,
    ];

    fn word(self) -> String {
        self.wire().to_owned()
    }
}
