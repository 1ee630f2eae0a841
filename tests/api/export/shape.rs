//! The expected content of a line, derived from the schema: every field without arguments.
//!
//! A line contains a scalar field under its own name, and a field that returns an object as the id of that object.
//! There is no manual list, so a new field cannot be forgotten.

use std::collections::BTreeMap;

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, TypeKind, TypeSystemDefinition},
};
use serde_json::{Map, Value, json};

/// Fields that lines omit, because another field or the other object contains the same.
const SAID_ELSEWHERE: [(&str, &str); 3] = [
    ("Agent", "displayName"),
    ("Agent", "teams"),
    ("Ticket", "assignee"),
];

/// Fields that have another name in lines. Version 1 of the format keeps the names with which it began.
const RENAMED: [(&str, &str); 4] = [
    ("changeCursor", "cursor"),
    ("isInternal", "internal"),
    ("isPrimary", "primary"),
    ("isVerified", "verified"),
];

/// Returns the name of a field in lines, and its selection under this name.
fn in_lines(field: &str) -> (String, String) {
    match RENAMED.iter().find(|(name, _)| *name == field) {
        Some((name, own)) => ((*own).to_owned(), format!("{own}: {name}")),
        None => (field.to_owned(), field.to_owned()),
    }
}

/// The types of the schema.
pub struct Shape(BTreeMap<String, TypeKind>);

/// Form of a field in a line.
enum Form {
    /// The value.
    Plain,
    /// The id of the object.
    Id,
    /// The ids of the objects.
    Ids,
    /// The type and id of the object.
    TypeAndId,
}

impl Shape {
    /// Reads the current schema.
    pub fn new() -> Self {
        let schema = parse_schema(deskgraph::graphql::sdl()).expect("a schema");
        let named = |definition| match definition {
            TypeSystemDefinition::Type(kind) => Some((kind.node.name.node.to_string(), kind.node.kind)),
            _ => None,
        };
        Self(schema.definitions.into_iter().filter_map(named).collect())
    }

    /// Returns the fields in the line of a type, each with its selection.
    fn fields(&self, kind: &str) -> Vec<(String, String, Form)> {
        let TypeKind::Object(object) = &self.0[kind] else {
            panic!("{kind} is not an object");
        };
        let fields = object.fields.iter().map(|field| &field.node);
        fields
            .filter(|field| field.arguments.is_empty() && field.name.node != "workspace")
            .filter(|field| !SAID_ELSEWHERE.contains(&(kind, field.name.node.as_str())))
            .map(|field| self.field(field))
            .collect()
    }

    fn field(&self, field: &FieldDefinition) -> (String, String, Form) {
        let name = field.name.node.to_string();
        let (base, is_list) = match &field.ty.node.base {
            BaseType::Named(base) => (base.as_str(), false),
            BaseType::List(of) => match &of.base {
                BaseType::Named(base) => (base.as_str(), true),
                BaseType::List(_) => panic!("{name} is a list of lists"),
            },
        };
        match self.0.get(base) {
            Some(TypeKind::Object(object)) if !object.implements.is_empty() => {
                let form = if is_list { Form::Ids } else { Form::Id };
                let selected = format!("{name} {{ id }}");
                (name, selected, form)
            }
            Some(TypeKind::Object(object)) => {
                let inner: Vec<_> = object
                    .fields
                    .iter()
                    .map(|field| in_lines(&field.node.name.node).1)
                    .collect();
                let selected = format!("{name} {{ {} }}", inner.join(" "));
                (name, selected, Form::Plain)
            }
            Some(TypeKind::Interface(_)) => {
                let selected = format!("{name} {{ __typename id }}");
                (name, selected, Form::TypeAndId)
            }
            _ => {
                let (name, selected) = in_lines(&name);
                (name, selected, Form::Plain)
            }
        }
    }

    /// Returns the selection of all fields in the line of a type.
    pub fn selection(&self, kind: &str) -> String {
        let selected = self.fields(kind).into_iter().map(|(_, selected, _)| selected);
        selected.collect::<Vec<_>>().join(" ")
    }

    /// Converts the result of a query with that selection into a line.
    pub fn line(&self, kind: &str, answered: &Value) -> Value {
        let mut line = Map::from_iter([("type".to_owned(), json!(kind))]);
        for (name, _, form) in self.fields(kind) {
            let value = &answered[&name];
            let (name, value) = match form {
                Form::Plain => (name, value.clone()),
                Form::Id => (format!("{name}Id"), value["id"].clone()),
                Form::Ids => {
                    let ids = value
                        .as_array()
                        .expect("a list")
                        .iter()
                        .map(|one| one["id"].clone());
                    (format!("{}Ids", name.trim_end_matches('s')), ids.collect())
                }
                Form::TypeAndId if value.is_null() => (name, Value::Null),
                Form::TypeAndId => (name, json!({ "type": value["__typename"], "id": value["id"] })),
            };
            line.insert(name, value);
        }
        Value::Object(line)
    }
}
