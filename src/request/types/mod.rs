//! What the schema says of each field: its type, where null is allowed, and how many things it may answer.
//!
//! Read once from the schema's text. The walks over a document look fields up here: what it may cost
//! ([`limits`](super::limits)), and what its answer looks like ([`complete`](super::complete)).

mod count;
mod introspection;

use std::collections::{HashMap, HashSet};

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, Type, TypeDefinition, TypeKind, TypeSystemDefinition},
};

pub use count::Count;

use super::definition::Definition;

/// Where null is allowed, and where lists are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A scalar or an object.
    Named,
    /// A list.
    List(Box<Kind>),
    /// Never null.
    NonNull(Box<Kind>),
}

impl Kind {
    fn is_list(&self) -> bool {
        match self {
            Self::Named => false,
            Self::List(_) => true,
            Self::NonNull(inner) => inner.is_list(),
        }
    }
}

/// The fields of a type, by name.
pub type Fields = HashMap<String, FieldType>;

/// The number of a field among the fields of all types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldId(u32);

impl FieldId {
    /// As a place in a list.
    pub fn place(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// The fields of every object and interface of a schema.
#[derive(Debug, Default)]
pub struct Types {
    fields: HashMap<String, Fields>,
}

/// The type of a field.
#[derive(Clone, Debug)]
pub struct FieldType {
    /// Where null is allowed, and where lists are.
    pub kind: Kind,
    /// The name inside.
    pub name: String,
    /// How many things it may answer.
    pub count: Count,
    /// Its number among all fields.
    pub id: FieldId,
    /// What it always answers, where that is not for the library to say.
    pub text: Option<&'static str>,
}

impl Types {
    /// Those of a schema.
    pub fn read(definition: &Definition) -> Self {
        let Ok(document) = parse_schema(&definition.sdl) else {
            return Self::default();
        };
        let count = definition.count;
        let definitions = document.definitions.into_iter().filter_map(|one| match one {
            TypeSystemDefinition::Type(definition) => Some(definition.node),
            _ => None,
        });
        let definitions: Vec<TypeDefinition> = definitions.collect();
        // Everything that has fields, or is one of things that have.
        let things: HashSet<&str> = definitions
            .iter()
            .filter(|one| !matches!(one.kind, TypeKind::Scalar | TypeKind::Enum(_)))
            .map(|one| one.name.node.as_str())
            .collect();
        let mut types = HashMap::with_capacity(definitions.len());
        for definition in &definitions {
            let fields = match &definition.kind {
                TypeKind::Object(object) => &object.fields,
                TypeKind::Interface(interface) => &interface.fields,
                _ => continue,
            };
            let parent = definition.name.node.as_str();
            let read = fields.iter().map(|field| {
                let field = field_type(parent, &field.node, &things, count);
                (field.0.to_owned(), field.1)
            });
            types.insert(parent.to_owned(), read.collect());
        }
        introspection::add(&mut types, &definitions, definition.description);
        for (id, field) in (0..).zip(types.values_mut().flat_map(HashMap::values_mut)) {
            field.id = FieldId(id);
        }
        Self { fields: types }
    }

    /// The fields of a type.
    pub fn of(&self, name: &str) -> Option<&Fields> {
        self.fields.get(name)
    }

    /// The types that have fields.
    pub fn names(&self) -> HashSet<String> {
        self.fields.keys().cloned().collect()
    }

    /// How many fields all types have.
    pub fn count(&self) -> usize {
        self.fields.values().map(HashMap::len).sum()
    }
}

fn field_type<'a>(
    parent: &str,
    field: &'a FieldDefinition,
    things: &HashSet<&str>,
    count: fn(&str, &str) -> Option<Count>,
) -> (&'a str, FieldType) {
    let (kind, name) = kind(&field.ty.node);
    let field_name = field.name.node.as_str();
    let count = if things.contains(name.as_str()) {
        let is_paged = field.arguments.iter().any(|one| one.node.name.node == "first");
        count(parent, field_name)
            .unwrap_or_else(|| Count::by_form(parent, field_name, is_paged, kind.is_list()))
    } else {
        Count::None
    };
    let field_type = FieldType {
        kind,
        name,
        count,
        id: FieldId::default(),
        text: None,
    };
    (field_name, field_type)
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
