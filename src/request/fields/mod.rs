//! The properties of each field of a schema beyond its type: the number of objects that it returns, and an id.

mod introspection;

use std::collections::HashMap;

use apollo_compiler::{Name, Schema, schema::ExtendedType};

use super::{count::Count, definition::Definition};

/// The number of a field among the fields of all types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldId(u32);

impl FieldId {
    pub fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// A field of an object or an interface.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    pub id: FieldId,
    /// How many objects the field returns.
    pub count: Count,
    /// The type of the field has fields.
    pub has_fields: bool,
    /// The constant value of the field, if it replaces the one of the library.
    pub text: Option<&'static str>,
}

/// The fields of every object and interface of a schema.
#[derive(Debug, Default)]
pub struct Fields {
    by_type: HashMap<Name, HashMap<Name, Known>>,
    /// The interfaces of each object.
    interfaces: HashMap<Name, Vec<Name>>,
}

impl Fields {
    pub fn of(schema: &Schema, definition: &Definition) -> Self {
        let totals = introspection::Totals::of(schema);
        let mut fields = Self::default();
        for (parent, ty) in &schema.types {
            let known = match ty {
                ExtendedType::Object(object) => {
                    let interfaces = object.implements_interfaces.iter();
                    let interfaces = interfaces.map(|interface| interface.name.clone()).collect();
                    fields.interfaces.insert(parent.clone(), interfaces);
                    &object.fields
                }
                ExtendedType::Interface(interface) => &interface.fields,
                _ => continue,
            };
            for (name, field) in known {
                let inner = schema.types.get(field.ty.inner_named_type());
                let returns_objects = inner.is_some_and(|ty| !ty.is_scalar() && !ty.is_enum());
                let count = || {
                    let by_form = || {
                        let is_paged = field.arguments.iter().any(|one| one.name == "first");
                        Count::by_form(parent, name, is_paged, field.ty.is_list())
                    };
                    let of_introspection = totals.count(parent, name);
                    of_introspection
                        .or_else(|| (definition.count)(parent, name))
                        .unwrap_or_else(by_form)
                };
                let count = if returns_objects { count() } else { Count::None };
                let known = Known {
                    id: FieldId::default(),
                    count,
                    has_fields: inner.is_some_and(|ty| ty.is_object() || ty.is_interface()),
                    text: (parent == "__Schema" && name == "description").then_some(definition.description),
                };
                fields.add(parent, name.clone(), known);
            }
        }
        if let Some(query) = &schema.schema_definition.query {
            for name in [
                apollo_compiler::name!("__schema"),
                apollo_compiler::name!("__type"),
            ] {
                let known = Known {
                    id: FieldId::default(),
                    count: Count::Part,
                    has_fields: true,
                    text: None,
                };
                fields.add(query, name, known);
            }
        }
        fields
    }

    fn add(&mut self, parent: &Name, name: Name, known: Known) {
        let id = FieldId(u32::try_from(self.count()).unwrap_or(u32::MAX));
        let fields = self.by_type.entry(parent.clone()).or_default();
        fields.insert(name, Known { id, ..known });
    }

    pub fn get(&self, parent: &Name, name: &Name) -> Option<&Known> {
        self.by_type.get(parent)?.get(name)
    }

    pub fn of_type(&self, name: &str) -> impl Iterator<Item = (&str, &Known)> {
        let fields = self.by_type.get(name).into_iter().flatten();
        fields.map(|(name, known)| (name.as_str(), known))
    }

    /// The fields of this name of the interfaces of an object.
    pub fn of_interfaces<'a>(&'a self, object: &str, name: &'a str) -> impl Iterator<Item = FieldId> + 'a {
        let interfaces = self.interfaces.get(object).into_iter().flatten();
        interfaces.filter_map(move |interface| Some(self.by_type.get(interface)?.get(name)?.id))
    }

    /// The total number of fields of all types.
    pub fn count(&self) -> usize {
        self.by_type.values().map(HashMap::len).sum()
    }
}
