//! The properties of a schema that decide which requests run.

use async_graphql::Value;

use super::count::Count;

/// A schema, described for the gateway.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The schema as text.
    pub sdl: String,
    /// The value of `__schema { description }`. It replaces the text of the library, which describes schemas in general.
    pub description: &'static str,
    /// The scalars of the schema, with the function that reads each of them.
    pub scalars: Scalars,
    /// The size of a page without `first` and `last`.
    pub page_size: u32,
    /// How many objects a field of a type can return, for fields whose form does not determine it.
    pub count: fn(parent: &str, field: &str) -> Option<Count>,
}

/// The scalars of a schema, by name.
pub type Scalars = &'static [(&'static str, ReadScalar)];

/// Reads a value of a scalar. The error gives the reason why the value is invalid.
pub type ReadScalar = fn(Value) -> Result<(), String>;

#[cfg(test)]
impl Definition {
    /// The definition of a test schema with two scalars.
    pub fn of(sdl: impl Into<String>) -> Self {
        Self {
            sdl: sdl.into(),
            description: "",
            scalars: TOY_SCALARS,
            page_size: 20,
            count: |_, _| None,
        }
    }
}

/// `DateTime` accepts a string that ends with Z, and `JSON` accepts every value.
#[cfg(test)]
pub const TOY_SCALARS: Scalars = &[
    ("DateTime", |value| match value {
        Value::String(text) if text.ends_with('Z') => Ok(()),
        Value::String(_) => {
            Err("Failed to parse \"DateTime\": the value is not an RFC 3339 timestamp.".to_owned())
        }
        other => Err(format!("Expected input type \"DateTime\", found {other}.")),
    }),
    ("JSON", |_| Ok(())),
];
