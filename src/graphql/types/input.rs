//! What may be given: the types of arguments, and whether a value is plainly of its type.
//!
//! A value that is found good here is one that the library finds good. The other way round it need not hold: whatever is
//! not plainly good is left for the library to judge.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Value,
    parser::types::{InputValueDefinition, TypeDefinition, TypeKind},
};

use super::{Kind, kind};

/// The type of an argument or of a field of an input.
#[derive(Clone, Debug)]
pub struct Input {
    /// Where null is allowed, and where lists are.
    kind: Kind,
    /// The name inside.
    name: String,
    /// It must be given.
    pub is_required: bool,
}

/// Inputs by name.
pub type InputFields = HashMap<String, Input>;

/// What can be given, by the names of types.
#[derive(Debug, Default)]
pub struct Inputs(HashMap<String, Form>);

#[derive(Debug)]
enum Form {
    Enum(HashSet<String>),
    Object {
        fields: InputFields,
        is_one_of: bool,
    },
    /// Any value passes the library's rules: it is read when the field is run.
    Scalar,
}

impl Input {
    /// As it is written in a schema.
    pub fn of(definition: &InputValueDefinition) -> Self {
        let (kind, name) = kind(&definition.ty.node);
        let is_required = matches!(kind, Kind::NonNull(_)) && definition.default_value.is_none();
        Self {
            kind,
            name,
            is_required,
        }
    }

    /// The argument of `@skip` and `@include`.
    pub fn condition() -> Self {
        Self {
            kind: Kind::NonNull(Box::new(Kind::Named)),
            name: "Boolean".to_owned(),
            is_required: true,
        }
    }

    fn named(definition: &InputValueDefinition) -> (String, Self) {
        (definition.name.node.to_string(), Self::of(definition))
    }
}

impl Inputs {
    /// Adds what a type says.
    pub fn add(&mut self, definition: &TypeDefinition) {
        let form = match &definition.kind {
            TypeKind::Scalar => Form::Scalar,
            TypeKind::Enum(values) => {
                let names = values
                    .values
                    .iter()
                    .map(|value| value.node.value.node.to_string());
                Form::Enum(names.collect())
            }
            TypeKind::InputObject(input) => Form::Object {
                fields: input
                    .fields
                    .iter()
                    .map(|field| Input::named(&field.node))
                    .collect(),
                is_one_of: definition
                    .directives
                    .iter()
                    .any(|directive| directive.node.name.node == "oneOf"),
            },
            TypeKind::Object(_) | TypeKind::Interface(_) | TypeKind::Union(_) => return,
        };
        self.0.insert(definition.name.node.to_string(), form);
    }

    /// Whether a value is plainly good.
    pub fn accepts(&self, input: &Input, value: &Value) -> bool {
        self.fits(&input.kind, &input.name, value)
    }

    fn fits(&self, kind: &Kind, name: &str, value: &Value) -> bool {
        match (kind, value) {
            (Kind::NonNull(_), Value::Null) => false,
            (Kind::NonNull(inner), value) => self.fits(inner, name, value),
            (_, Value::Null) => true,
            (Kind::List(inner), Value::List(items)) => items.iter().all(|item| self.fits(inner, name, item)),
            // One stands for a list of one.
            (Kind::List(inner), one) => self.fits(inner, name, one),
            (Kind::Named, value) => self.is_one(name, value),
        }
    }

    fn is_one(&self, name: &str, value: &Value) -> bool {
        match (name, value) {
            ("String" | "ID", Value::String(_))
            | ("Boolean", Value::Boolean(_))
            | ("Float", Value::Number(_)) => true,
            // Of either sign in some places and in some not, as far as the library is asked.
            ("Int" | "ID", Value::Number(number)) => number.is_i64() && number.is_u64(),
            (name, value) => match (self.0.get(name), value) {
                (Some(Form::Scalar), _) => true,
                (Some(Form::Enum(names)), Value::String(given)) => names.contains(given),
                (Some(Form::Enum(names)), Value::Enum(given)) => names.contains(given.as_str()),
                (Some(Form::Object { fields, is_one_of }), Value::Object(given)) => {
                    let is_known = |(name, value): (&async_graphql::Name, &Value)| {
                        fields
                            .get(name.as_str())
                            .is_some_and(|field| self.accepts(field, value))
                    };
                    let is_there = |(name, field): (&String, &Input)| {
                        !field.is_required || given.contains_key(name.as_str())
                    };
                    let is_one = || given.len() == 1 && given.values().all(|value| *value != Value::Null);
                    (!is_one_of || is_one()) && given.iter().all(is_known) && fields.iter().all(is_there)
                }
                _ => false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::{parse_schema, types::TypeSystemDefinition};
    use serde_json::json;

    use super::*;

    const SDL: &str = "
        input Toy { n: Int!  m: Int! = 1  names: [String!]  inner: Toy  when: When  kind: Kind  ids: [[ID]] }
        input Either @oneOf { a: Int  b: String }
        scalar When
        enum Kind { RED GREEN }
        type Query { toy(toy: Toy!, either: Either, on: Boolean = true, x: Float): Int }";

    fn accepts(argument: &str, value: serde_json::Value) -> bool {
        let document = parse_schema(SDL).expect("a schema");
        let (mut inputs, mut input) = (Inputs::default(), None);
        for definition in &document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            inputs.add(&definition.node);
            if let TypeKind::Object(object) = &definition.node.kind {
                let arguments = object.fields.iter().flat_map(|field| &field.node.arguments);
                let mut found = arguments.filter(|one| one.node.name.node == argument);
                input = found.next().map(|one| Input::of(&one.node));
            }
        }
        inputs.accepts(
            &input.expect("an argument"),
            &Value::from_json(value).expect("a value"),
        )
    }

    #[test]
    fn what_is_plainly_of_its_type_is_accepted() {
        for (argument, value) in [
            ("toy", json!({ "n": 1 })),
            (
                "toy",
                json!({ "n": 1, "m": 2, "names": ["a"], "inner": { "n": 2 }, "kind": "RED" }),
            ),
            (
                "toy",
                json!({ "n": 1, "names": "a", "kind": null, "ids": [["a", 1, null], null] }),
            ),
            ("toy", json!({ "n": 1, "when": { "any": ["thing"] } })),
            ("either", json!(null)),
            ("either", json!({ "a": 1 })),
            ("on", json!(false)),
            ("on", json!(null)),
            ("x", json!(1)),
            ("x", json!(-1.5)),
        ] {
            assert!(accepts(argument, value.clone()), "{argument} {value}");
        }
    }

    #[test]
    fn anything_else_is_not() {
        for (argument, value) in [
            ("toy", json!(null)),
            ("toy", json!({})),
            ("toy", json!([])),
            ("toy", json!("n")),
            ("toy", json!({ "n": null })),
            ("toy", json!({ "n": "1" })),
            ("toy", json!({ "n": 1.5 })),
            ("toy", json!({ "n": -1 })),
            ("toy", json!({ "n": 1, "m": null })),
            ("toy", json!({ "n": 1, "other": 1 })),
            ("toy", json!({ "n": 1, "names": [null] })),
            ("toy", json!({ "n": 1, "names": [1] })),
            ("toy", json!({ "n": 1, "inner": {} })),
            ("toy", json!({ "n": 1, "kind": "BLUE" })),
            ("toy", json!({ "n": 1, "kind": 1 })),
            ("toy", json!({ "n": 1, "ids": [[1.5]] })),
            ("either", json!({})),
            ("either", json!({ "a": 1, "b": "2" })),
            ("either", json!({ "a": null })),
            ("on", json!("true")),
            ("x", json!("1")),
        ] {
            assert!(!accepts(argument, value.clone()), "{argument} {value}");
        }
    }
}
