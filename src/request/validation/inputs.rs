//! Coercion of input values by type.
//!
//! async-graphql can read every value that passes this check, so that a request does not fail after a part of it has
//! run. The custom scalars of the schema are read by their own functions.

use apollo_compiler::{
    Schema,
    ast::Type,
    schema::{ExtendedType, InputObjectType},
};
use async_graphql::{Name, Value, indexmap::IndexMap};

use crate::request::{
    definition::{ReadScalar, Scalars},
    limits::whole,
};

/// The directive of input objects that take exactly one field.
pub const ONE_OF: &str = "oneOf";

/// A value that does not match its type.
#[derive(Debug)]
pub struct Fault {
    /// The steps of its path, the innermost first.
    path: Vec<String>,
    /// The error message, with names in quotes.
    pub message: String,
}

impl Fault {
    /// A fault of the value itself, with an empty path.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            path: Vec::new(),
            message: message.into(),
        }
    }

    fn inside(mut self, step: String) -> Self {
        self.path.push(step);
        self
    }

    /// The path, to append to the name of the variable or argument.
    pub fn place(&self) -> String {
        self.path.iter().rev().map(String::as_str).collect()
    }
}

/// Checks a value against a type, and coerces it.
pub fn coerce(schema: &Schema, scalars: Scalars, ty: &Type, value: &mut Value) -> Result<(), Fault> {
    if *value == Value::Null {
        return if ty.is_non_null() {
            Err(unexpected(ty, value))
        } else {
            Ok(())
        };
    }
    match (ty, value) {
        (Type::List(inner) | Type::NonNullList(inner), Value::List(items)) => {
            let mut items = items.iter_mut().enumerate();
            items.try_for_each(|(n, item)| {
                coerce(schema, scalars, inner, item).map_err(|fault| fault.inside(format!("[{n}]")))
            })
        }
        // A single value is coerced to a list with one element.
        (Type::List(inner) | Type::NonNullList(inner), one) => coerce(schema, scalars, inner, one),
        (Type::Named(name) | Type::NonNullNamed(name), value) => match schema.types.get(name) {
            Some(ExtendedType::Enum(words)) => match value {
                Value::String(word) if words.values.contains_key(word.as_str()) => Ok(()),
                Value::Enum(word) if words.values.contains_key(word.as_str()) => Ok(()),
                _ => Err(unexpected(ty, value)),
            },
            Some(ExtendedType::InputObject(object)) => match value {
                Value::Object(fields) => self::object(schema, scalars, object, fields),
                _ => Err(unexpected(ty, value)),
            },
            _ => match reads(scalars, name) {
                Some(reads) => reads(value.clone()).map_err(Fault::new),
                None => built_in(name, value).ok_or_else(|| unexpected(ty, value)),
            },
        },
    }
}

fn object(
    schema: &Schema,
    scalars: Scalars,
    object: &InputObjectType,
    fields: &mut IndexMap<Name, Value>,
) -> Result<(), Fault> {
    let name = &object.name;
    if let Some(unknown) = fields
        .keys()
        .find(|key| !object.fields.contains_key(key.as_str()))
    {
        return Err(Fault::new(format!("\"{name}\" has no field \"{unknown}\".")));
    }
    let mut required = object.fields.values().filter(|field| field.is_required());
    if let Some(missing) = required.find(|field| !fields.contains_key(field.name.as_str())) {
        let field = &missing.name;
        return Err(Fault::new(format!(
            "the field \"{field}\" of \"{name}\" must be given."
        )));
    }
    if object.directives.has(ONE_OF) && (fields.len() != 1 || fields.values().any(|one| *one == Value::Null))
    {
        return Err(Fault::new(one_of(name)));
    }
    fields.iter_mut().try_for_each(|(key, value)| {
        let Some(field) = object.fields.get(key.as_str()) else {
            return Ok(());
        };
        coerce(schema, scalars, &field.ty, value).map_err(|fault| fault.inside(format!(".{key}")))
    })
}

/// The error message for an input object that takes exactly one field.
pub fn one_of(name: &str) -> String {
    format!("exactly one field of \"{name}\" must be given, and it must not be null.")
}

fn unexpected(ty: &Type, value: &Value) -> Fault {
    let found = match value {
        Value::List(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        other => other.to_string(),
    };
    Fault::new(format!("expected a value of type \"{ty}\", found {found}."))
}

/// Checks and coerces a scalar of the specification. An `Int` accepts a whole float, because some clients send such numbers.
fn built_in(name: &str, value: &mut Value) -> Option<()> {
    match (name, &*value) {
        ("String" | "ID", Value::String(_))
        | ("Boolean", Value::Boolean(_))
        | ("Float", Value::Number(_)) => Some(()),
        ("Int", Value::Number(number)) => {
            let whole = match number.as_i64() {
                Some(whole) => i32::try_from(whole).ok()?,
                None => whole(number.as_f64()?)?,
            };
            *value = Value::Number(whole.into());
            Some(())
        }
        ("ID", Value::Number(number)) if number.is_i64() || number.is_u64() => {
            *value = Value::String(number.to_string());
            Some(())
        }
        _ => None,
    }
}

/// Checks whether a custom scalar accepts a value.
pub fn scalar(scalars: Scalars, name: &str, value: Value) -> Result<(), String> {
    reads(scalars, name).map_or(Ok(()), |reads| reads(value))
}

fn reads(scalars: Scalars, name: &str) -> Option<ReadScalar> {
    let mut scalars = scalars.iter();
    scalars.find_map(|(known, reads)| (*known == name).then_some(*reads))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::request::definition::TOY_SCALARS;

    const SDL: &str = "
        directive @oneOf on INPUT_OBJECT
        input Toy { n: Int!  m: Int! = 1  names: [String!]  inner: Toy  when: DateTime  kind: Kind  ids: [[ID]]  x: Float  on: Boolean }
        input Either @oneOf { a: Int  b: String }
        scalar DateTime
        enum Kind { RED GREEN }
        type Query { toy(toy: Toy, either: Either): Int }";

    fn coerced(ty: &str, value: serde_json::Value) -> Result<serde_json::Value, String> {
        let schema = Schema::parse_and_validate(SDL, "").expect("a schema");
        let ty = Type::parse(ty, "").expect("a type");
        let mut value = Value::from_json(value).expect("a value");
        let coerced = coerce(&schema, TOY_SCALARS, &ty, &mut value);
        coerced.map_err(|fault| format!("{} {}", fault.place(), fault.message))?;
        Ok(value.into_json().expect("JSON"))
    }

    #[test]
    fn a_value_of_its_type_is_accepted_and_coerced() {
        for (ty, value, read) in [
            ("Toy", json!(null), json!(null)),
            (
                "Toy",
                json!({ "n": 1, "kind": "RED", "x": 1, "on": null }),
                json!({ "n": 1, "kind": "RED", "x": 1, "on": null }),
            ),
            (
                "Toy",
                json!({ "n": 2.0, "inner": { "n": -3.0 } }),
                json!({ "n": 2, "inner": { "n": -3 } }),
            ),
            (
                "Toy",
                json!({ "n": 1, "names": "a" }),
                json!({ "n": 1, "names": "a" }),
            ),
            (
                "[[ID]]",
                json!([["a", 1, null], 18_446_744_073_709_551_615_u64]),
                json!([["a", "1", null], "18446744073709551615"]),
            ),
            (
                "DateTime",
                json!("2024-01-15T10:30:00Z"),
                json!("2024-01-15T10:30:00Z"),
            ),
            ("Either", json!({ "a": 1 }), json!({ "a": 1 })),
        ] {
            assert_eq!(coerced(ty, value.clone()), Ok(read), "{ty} {value}");
        }
        assert_eq!(whole(1e10), None);
        assert_eq!(whole(2_147_483_647.0), Some(i32::MAX));
    }

    #[test]
    fn a_value_of_another_type_is_refused_with_its_path() {
        for (ty, value, fault) in [
            (
                "Toy!",
                json!(null),
                " expected a value of type \"Toy!\", found null.",
            ),
            (
                "Toy",
                json!([1]),
                " expected a value of type \"Toy\", found a list.",
            ),
            ("Toy", json!({}), " the field \"n\" of \"Toy\" must be given."),
            (
                "Toy",
                json!({ "n": 1.5 }),
                ".n expected a value of type \"Int!\", found 1.5.",
            ),
            (
                "Toy",
                json!({ "n": 3_000_000_000_u64 }),
                ".n expected a value of type \"Int!\", found 3000000000.",
            ),
            (
                "Toy",
                json!({ "n": 1, "m": null }),
                ".m expected a value of type \"Int!\", found null.",
            ),
            (
                "Toy",
                json!({ "n": 1, "other": 1 }),
                " \"Toy\" has no field \"other\".",
            ),
            (
                "Toy",
                json!({ "n": 1, "names": ["a", 1] }),
                ".names[1] expected a value of type \"String!\", found 1.",
            ),
            (
                "Toy",
                json!({ "n": 1, "kind": "BLUE" }),
                ".kind expected a value of type \"Kind\", found \"BLUE\".",
            ),
            (
                "Toy",
                json!({ "n": 1, "ids": [[1.5]] }),
                ".ids[0][0] expected a value of type \"ID\", found 1.5.",
            ),
            (
                "Either",
                json!({}),
                " exactly one field of \"Either\" must be given, and it must not be null.",
            ),
            (
                "Either",
                json!({ "a": null }),
                " exactly one field of \"Either\" must be given, and it must not be null.",
            ),
            (
                "Either",
                json!({ "a": 1, "b": "2" }),
                " exactly one field of \"Either\" must be given, and it must not be null.",
            ),
            (
                "Boolean",
                json!("true"),
                " expected a value of type \"Boolean\", found \"true\".",
            ),
            (
                "Float",
                json!("1"),
                " expected a value of type \"Float\", found \"1\".",
            ),
        ] {
            assert_eq!(coerced(ty, value.clone()), Err(fault.to_owned()), "{ty} {value}");
        }
        let refused = coerced("[DateTime!]", json!(["yesterday"])).unwrap_err();
        assert!(
            refused.starts_with("[0] Failed to parse \"DateTime\": the value is not an RFC 3339 timestamp"),
            "{refused}"
        );
    }
}
