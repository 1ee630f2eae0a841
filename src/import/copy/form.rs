//! Deserializes values of an export: ids, timestamps, words and bytes.

use std::{fmt::Display, str::FromStr};

use base64::{Engine, prelude::BASE64_STANDARD};
use entity::Timestamp;
use serde::{Deserialize, Deserializer, de::Error};

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

/// A value of an enumeration, written as its name.
#[derive(Clone, Copy, Debug)]
pub struct Word<T>(pub T);

impl<'de, T: entity::Word> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
        let text = String::deserialize(text)?;
        T::from_word(&text)
            .map(Self)
            .ok_or_else(|| D::Error::custom(format!("{text:?} is not a known value")))
    }
}
