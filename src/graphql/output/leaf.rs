//! Values without fields of their own.

use async_graphql::ID;
use serde::Serialize;

use crate::graphql::scalars::{DateTime, JsonObject};

/// A value that is written as it is. It must write what the library would.
pub trait Leaf {
    /// Writes it as JSON.
    fn write(&self, json: &mut Vec<u8>);
}

/// Writes what JSON has a form for. Nothing that GraphQL answers has none.
pub fn put(value: &(impl Serialize + ?Sized), json: &mut Vec<u8>) {
    let begin = json.len();
    if serde_json::to_writer(&mut *json, value).is_err() {
        json.truncate(begin);
        json.extend_from_slice(b"null");
    }
}

/// Bytes that are set aside for a list before most of it is written.
const RESERVED_MAX: usize = 64 << 10;

/// Writes a list. None when one of its items cannot be written after all.
pub fn write_list<T>(
    items: &[T],
    json: &mut Vec<u8>,
    mut write: impl FnMut(&T, &mut Vec<u8>) -> Option<()>,
) -> Option<()> {
    json.push(b'[');
    let begin = json.len();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            json.push(b',');
        }
        write(item, json)?;
        if index == 0 {
            // Most are as long as the first; one that is not must not take the room of all.
            json.reserve(((json.len() - begin + 1) * items.len()).min(RESERVED_MAX));
        }
    }
    json.push(b']');
    Some(())
}

macro_rules! put_as {
    ($($leaf:ty: |$value:ident| $form:expr;)+) => {
        $(impl Leaf for $leaf {
            fn write(&self, json: &mut Vec<u8>) {
                let $value = self;
                put($form, json);
            }
        })+
    };
}

put_as! {
    bool: |value| value;
    i32: |value| value;
    str: |value| value;
    String: |value| value;
    ID: |value| value.as_str();
    DateTime: |value| &value.0.to_rfc3339();
    JsonObject: |value| &value.0;
}

impl<L: Leaf + ?Sized> Leaf for &L {
    fn write(&self, json: &mut Vec<u8>) {
        L::write(self, json);
    }
}

impl<L: Leaf> Leaf for Option<L> {
    fn write(&self, json: &mut Vec<u8>) {
        match self {
            Some(value) => value.write(json),
            None => json.extend_from_slice(b"null"),
        }
    }
}

impl<L: Leaf> Leaf for [L] {
    fn write(&self, json: &mut Vec<u8>) {
        write_list(self, json, |value, json| {
            value.write(json);
            Some(())
        });
    }
}

impl<L: Leaf> Leaf for Vec<L> {
    fn write(&self, json: &mut Vec<u8>) {
        self.as_slice().write(json);
    }
}

/// Enums of the schema are written as their names.
macro_rules! enum_leaves {
    ($($leaf:ty),+ $(,)?) => {
        $(impl $crate::graphql::output::Leaf for $leaf {
            fn write(&self, json: &mut Vec<u8>) {
                use async_graphql::resolver_utils::EnumType;
                let name = Self::items().iter().find(|item| item.value == *self).map(|item| item.name);
                name.write(json);
            }
        })+
    };
}

pub(in crate::graphql) use enum_leaves;
