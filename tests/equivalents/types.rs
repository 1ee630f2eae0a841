//! The types of `schema.graphql`, and paths through them.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, Type, TypeKind, TypeSystemDefinition},
};

#[derive(Debug, Default)]
struct Members {
    /// Types of fields or input fields, by name.
    fields: BTreeMap<String, String>,
    /// Types of arguments, by field and name.
    arguments: BTreeMap<String, BTreeMap<String, String>>,
    values: BTreeSet<String>,
}

#[derive(Debug)]
pub struct Types(BTreeMap<String, Members>);

/// A parsed path `Type.field.field(argument.key)`.
#[derive(Debug, PartialEq, Eq)]
pub struct Route {
    pub root: String,
    pub fields: Vec<String>,
    pub argument: Option<Vec<String>>,
}

fn base(ty: &Type) -> String {
    match &ty.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(inner) => base(inner),
    }
}

impl Types {
    pub fn new(sdl: &str) -> Self {
        let mut types = BTreeMap::new();
        for definition in parse_schema(sdl).expect("a schema").definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let definition = definition.node;
            let mut members = Members::default();
            match definition.kind {
                TypeKind::Object(async_graphql::parser::types::ObjectType { fields, .. })
                | TypeKind::Interface(async_graphql::parser::types::InterfaceType { fields, .. }) => {
                    members
                        .fields
                        .insert("__typename".to_owned(), "String".to_owned());
                    for field in fields {
                        let (name, field) = (field.node.name.node.to_string(), field.node);
                        let arguments = field.arguments.iter().map(|argument| {
                            (argument.node.name.node.to_string(), base(&argument.node.ty.node))
                        });
                        members.arguments.insert(name.clone(), arguments.collect());
                        members.fields.insert(name, base(&field.ty.node));
                    }
                }
                TypeKind::InputObject(input) => {
                    for field in input.fields {
                        let (name, ty) = (field.node.name.node.to_string(), base(&field.node.ty.node));
                        members.fields.insert(name, ty);
                    }
                }
                TypeKind::Enum(values) => {
                    let values = values.values.iter();
                    members.values = values.map(|value| value.node.value.node.to_string()).collect();
                }
                TypeKind::Union(_) => {
                    members
                        .fields
                        .insert("__typename".to_owned(), "String".to_owned());
                }
                TypeKind::Scalar => {}
            }
            types.insert(definition.name.node.to_string(), members);
        }
        Self(types)
    }

    /// Returns the type of a field or an input field.
    pub fn field(&self, ty: &str, field: &str) -> Option<&str> {
        Some(self.0.get(ty)?.fields.get(field)?)
    }

    /// Returns the type of an argument.
    pub fn argument(&self, ty: &str, field: &str, argument: &str) -> Option<&str> {
        Some(self.0.get(ty)?.arguments.get(field)?.get(argument)?)
    }

    /// Returns the values of an enum. `None` for other types.
    pub fn values(&self, ty: &str) -> Option<&BTreeSet<String>> {
        Some(&self.0.get(ty)?.values).filter(|values| !values.is_empty())
    }

    pub fn has_value(&self, value: &str) -> bool {
        self.0.values().any(|members| members.values.contains(value))
    }

    /// Parses a path. All of its names must exist.
    pub fn route(&self, path: &str) -> Result<Route, String> {
        let (fields, argument) = match path.split_once('(') {
            Some((fields, rest)) => {
                let inner = rest
                    .strip_suffix(')')
                    .ok_or(format!("{path}: no closing bracket"))?;
                (fields, Some(names(inner)))
            }
            None => (path, None),
        };
        let mut fields = names(fields);
        let root = fields.remove(0);
        if !self.0.contains_key(&root) {
            return Err(format!("{path}: there is no type {root}"));
        }
        let mut ty = root.clone();
        let mut owner = root.clone();
        for (place, field) in fields.iter().enumerate() {
            if self.values(&ty).is_some_and(|values| values.contains(field)) && place + 1 == fields.len() {
                break;
            }
            let next = self.field(&ty, field);
            let next = next
                .ok_or_else(|| format!("{path}: {ty} has no {field}"))?
                .to_owned();
            owner = std::mem::replace(&mut ty, next);
        }
        if let Some((first, rest)) = argument.as_deref().and_then(<[String]>::split_first) {
            let field = fields.last().ok_or(format!("{path}: an argument of no field"))?;
            let found = self.argument(&owner, field, first);
            let mut ty = found.ok_or_else(|| format!("{path}: {owner}.{field} takes no {first}"))?;
            for key in rest {
                ty = self
                    .field(ty, key)
                    .ok_or_else(|| format!("{path}: {ty} has no {key}"))?;
            }
        }
        Ok(Route {
            root,
            fields,
            argument,
        })
    }
}

fn names(dotted: &str) -> Vec<String> {
    dotted.split('.').map(str::to_owned).collect()
}
