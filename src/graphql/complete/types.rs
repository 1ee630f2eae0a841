//! Which type each field has.

use std::collections::HashMap;

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, Type, TypeKind, TypeSystemDefinition},
};

use super::shape::Kind;

/// The fields of every object and interface of a schema.
#[derive(Debug, Default)]
pub struct Types {
    fields: HashMap<String, HashMap<String, FieldType>>,
}

/// The type of a field.
#[derive(Clone, Debug)]
pub struct FieldType {
    /// Where null is allowed, and where lists are.
    pub kind: Kind,
    /// The name inside.
    pub name: String,
}

impl Types {
    /// From a schema as text.
    pub fn read(sdl: &str) -> Self {
        let mut types = Self::default();
        let Ok(document) = parse_schema(sdl) else {
            return types;
        };
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let fields = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => continue,
            };
            let fields = fields.into_iter().map(|field| {
                let (kind, name) = kind(&field.node.ty.node);
                (field.node.name.node.to_string(), FieldType { kind, name })
            });
            types
                .fields
                .insert(definition.node.name.node.to_string(), fields.collect());
        }
        types
    }

    /// The type of a field of a type.
    pub fn field(&self, parent: &str, field: &str) -> Option<&FieldType> {
        self.fields.get(parent)?.get(field)
    }
}

fn kind(ty: &Type) -> (Kind, String) {
    let (kind, name) = match &ty.base {
        BaseType::Named(name) => (Kind::Named, name.to_string()),
        BaseType::List(inner) => {
            let (inner, name) = kind(inner);
            (Kind::List(Box::new(inner)), name)
        }
    };
    if ty.nullable {
        (kind, name)
    } else {
        (Kind::NonNull(Box::new(kind)), name)
    }
}
