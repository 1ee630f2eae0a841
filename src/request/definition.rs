//! What must be known of a schema to decide which requests run.

use async_graphql::Value;

use super::count::Count;

/// A schema, as those who let requests through know it.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The schema as text.
    pub sdl: String,
    /// The answer to `__schema { description }`. The library has a text of its own, about schemas in general.
    pub description: &'static str,
    /// The scalars of the schema, with the code that reads each.
    pub scalars: Scalars,
    /// The size of a page whose size is not given.
    pub page_size: u32,
    /// How many objects a field of a type may give, where its form does not say so.
    pub count: fn(parent: &str, field: &str) -> Option<Count>,
}

/// The scalars of a schema, by name.
pub type Scalars = &'static [(&'static str, ReadScalar)];

/// Reads a value of a scalar. The error says why it is none.
pub type ReadScalar = fn(Value) -> Result<(), String>;

#[cfg(test)]
impl Definition {
    /// That of a toy schema, with two scalars.
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

/// Instants end with a Z, and JSON is anything.
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
