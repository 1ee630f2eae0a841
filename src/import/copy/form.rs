//! Deserializes values of an export: ids, timestamps, words and bytes.

use std::{fmt::Display, str::FromStr};

use base64::{Engine, prelude::BASE64_STANDARD};
use entity::{
    Timestamp, agent::Role, change, conversation, customer, message::Direction, ticket, ticket::Priority,
};
use serde::{Deserialize, Deserializer, de::Error};

use crate::events::Recorded;

/// An id, or another value that is written as text.
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

/// A timestamp.
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

/// Bytes in Base64.
#[derive(Clone, Debug)]
pub struct Bytes(pub Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
        let text = String::deserialize(text)?;
        BASE64_STANDARD.decode(text).map(Self).map_err(D::Error::custom)
    }
}

/// An enumeration whose values have names in the API.
pub trait Listed: Sized + Copy + 'static {
    /// All values.
    const ALL: &'static [Self];

    /// Name of a value.
    fn word(self) -> String;
}

/// A value of an enumeration, written as its name.
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
