//! Values without a selection.

use std::borrow::Cow;

use async_graphql::ID;
use serde::Serialize;

use super::json::Json;
use crate::graphql::scalars::{DateTime, JsonObject};

/// A value that is written directly as JSON. The result must equal that of the library.
pub trait Leaf {
    /// Writes the value as JSON.
    fn write(&self, json: &mut Json);
}

/// Writes a value with `serde`, or null if it has no JSON form. Values of the schema always have one.
pub fn put(value: &(impl Serialize + ?Sized), json: &mut Json) {
    let begin = json.len();
    if serde_json::to_writer(&mut *json, value).is_err() && !json.is_over() {
        json.truncate(begin);
        json.extend_from_slice(b"null");
    }
}

/// Writes a string as JSON.
fn put_text(text: &str, json: &mut Json) {
    // Without an early exit, the compiler can vectorize this check.
    let is_special = |letter: &u8| *letter < b' ' || *letter == b'"' || *letter == b'\\';
    if text
        .as_bytes()
        .iter()
        .fold(false, |any, letter| any | is_special(letter))
    {
        put(text, json);
    } else {
        put_quoted(text.as_bytes(), json);
    }
}

/// Writes a string without characters that need an escape.
fn put_quoted(text: &[u8], json: &mut Json) {
    json.reserve(text.len() + 2);
    json.push(b'"');
    json.extend_from_slice(text);
    json.push(b'"');
}

/// Maximum number of bytes to reserve for a list after the first item.
const RESERVED_MAX: usize = 64 << 10;
/// Maximum number of bytes to reserve for a list after [`SOME`] items.
const RESERVED_LATER_MAX: usize = 512 << 10;
/// Number of items after which the average length is used to reserve capacity for the rest.
const SOME: usize = 16;

/// Writes a list. `None` if an item cannot be written.
pub fn write_list<T>(
    items: &[T],
    json: &mut Json,
    mut write: impl FnMut(&T, &mut Json) -> Option<()>,
) -> Option<()> {
    json.push(b'[');
    let begin = json.len();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            json.push(b',');
        }
        write(item, json)?;
        if json.is_over() {
            return None;
        }
        // Estimates the length of the other items. The maximum limits the effect of an unusually long first item.
        let max = match index + 1 {
            1 => RESERVED_MAX,
            SOME => RESERVED_LATER_MAX,
            _ => continue,
        };
        let length = (json.len() - begin) / (index + 1) + 1;
        json.reserve(((length + length / 8) * (items.len() - index)).min(max));
    }
    json.push(b']');
    Some(())
}

macro_rules! put_as {
    ($($leaf:ty: |$value:ident| $form:expr;)+) => {
        $(impl Leaf for $leaf {
            fn write(&self, json: &mut Json) {
                let $value = self;
                put($form, json);
            }
        })+
    };
}

put_as! {
    bool: |value| value;
    i32: |value| value;
    JsonObject: |value| &value.0;
}

impl Leaf for str {
    fn write(&self, json: &mut Json) {
        put_text(self, json);
    }
}

impl Leaf for Cow<'_, str> {
    fn write(&self, json: &mut Json) {
        put_text(self, json);
    }
}

impl Leaf for String {
    fn write(&self, json: &mut Json) {
        put_text(self, json);
    }
}

impl Leaf for ID {
    fn write(&self, json: &mut Json) {
        put_text(self, json);
    }
}

impl Leaf for DateTime {
    fn write(&self, json: &mut Json) {
        put_quoted(&self.0.rfc3339(), json);
    }
}

impl<L: Leaf + ?Sized> Leaf for &L {
    fn write(&self, json: &mut Json) {
        L::write(self, json);
    }
}

impl<L: Leaf> Leaf for Option<L> {
    fn write(&self, json: &mut Json) {
        match self {
            Some(value) => value.write(json),
            None => json.extend_from_slice(b"null"),
        }
    }
}

impl<L: Leaf> Leaf for [L] {
    fn write(&self, json: &mut Json) {
        write_list(self, json, |value, json| {
            value.write(json);
            Some(())
        });
    }
}

impl<L: Leaf> Leaf for Vec<L> {
    fn write(&self, json: &mut Json) {
        self.as_slice().write(json);
    }
}

/// Writes enums of the schema as the words of the enums that they show, which are also their names in the schema.
macro_rules! enum_leaves {
    ($($leaf:ident of $shown:path),+ $(,)?) => {
        $(impl $crate::graphql::output::Leaf for $leaf {
            fn write(&self, json: &mut $crate::graphql::output::Json) {
                entity::Word::word(<$shown>::from(*self)).write(json);
            }
        })+

        #[cfg(test)]
        mod enum_leaves {
            use super::*;

            #[test]
            fn the_names_in_the_schema_are_the_words() {
                use async_graphql::resolver_utils::EnumType;
                $(for item in $leaf::items() {
                    assert_eq!(item.name, entity::Word::word(<$shown>::from(item.value)));
                })+
            }
        }
    };
}

pub(in crate::graphql) use enum_leaves;
