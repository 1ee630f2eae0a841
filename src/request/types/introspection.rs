//! Types of introspection, which the text of a schema does not contain.
//!
//! Only list elements have a cost: as many as the schema has on average, with a minimum that makes nested lists costly. A
//! single object is part of its parent and costs nothing. The introspection queries of tools are therefore cheap.

use std::collections::HashMap;

use async_graphql::parser::types::{TypeDefinition, TypeKind};

use super::{Count, FieldId, FieldType, Fields, Kind};

/// Number of built-in types: scalars, directives and the types of introspection.
const BUILT_IN: usize = 16;

/// Minimum for the number of fields of a type. Types that fields refer to have more fields than average.
const FIELDS: usize = 8;

/// Adds them to the types of a schema.
pub fn add(types: &mut HashMap<String, Fields>, definitions: &[TypeDefinition], description: &'static str) {
    let mut totals = Totals::default();
    for definition in definitions {
        totals.add(&definition.kind);
    }
    let all = definitions.len() + BUILT_IN;
    let of_type = |total: usize| list(total.div_ceil(all));
    let arguments = list(totals.arguments.div_ceil(totals.fields.max(1)));
    let part = Count::Part;
    let fields = [
        ("Query", "__schema", "__Schema", part),
        ("Query", "__type", "__Type", part),
        ("__Schema", "types", "__Type", list(all)),
        ("__Schema", "queryType", "__Type", part),
        ("__Schema", "mutationType", "__Type", part),
        ("__Schema", "subscriptionType", "__Type", part),
        ("__Schema", "directives", "__Directive", list(8)),
        ("__Directive", "args", "__InputValue", list(2)),
        (
            "__Type",
            "fields",
            "__Field",
            list(totals.fields.div_ceil(all).max(FIELDS)),
        ),
        ("__Type", "inputFields", "__InputValue", of_type(totals.inputs)),
        ("__Type", "enumValues", "__EnumValue", of_type(totals.values)),
        ("__Type", "interfaces", "__Type", of_type(totals.interfaces)),
        ("__Type", "possibleTypes", "__Type", list(totals.possible())),
        ("__Type", "ofType", "__Type", part),
        ("__Field", "args", "__InputValue", arguments),
        ("__Field", "type", "__Type", part),
        ("__InputValue", "type", "__Type", part),
    ];
    for (parent, field, name, count) in fields {
        let kind = Kind::Named;
        let name = name.to_owned();
        let field_type = FieldType {
            kind,
            name,
            count,
            id: FieldId::default(),
            text: None,
        };
        let fields = types.entry(parent.to_owned()).or_default();
        fields.insert(field.to_owned(), field_type);
    }
    let description = FieldType {
        kind: Kind::Named,
        name: "String".to_owned(),
        count: Count::None,
        id: FieldId::default(),
        text: Some(description),
    };
    let schema = types.entry("__Schema".to_owned()).or_default();
    schema.insert("description".to_owned(), description);
}

#[derive(Default)]
struct Totals {
    fields: usize,
    arguments: usize,
    inputs: usize,
    values: usize,
    interfaces: usize,
    /// Number of types that implement each interface.
    members: HashMap<String, usize>,
    /// Number of types of the largest union.
    union: usize,
}

impl Totals {
    /// Returns the largest number of possible types of an interface or a union.
    fn possible(&self) -> usize {
        self.members
            .values()
            .copied()
            .max()
            .unwrap_or_default()
            .max(self.union)
    }

    fn add(&mut self, kind: &TypeKind) {
        match kind {
            TypeKind::Object(object) => {
                self.fields += object.fields.len();
                self.interfaces += object.implements.len();
                for interface in &object.implements {
                    *self.members.entry(interface.node.to_string()).or_default() += 1;
                }
                let arguments = object.fields.iter().map(|field| field.node.arguments.len());
                self.arguments += arguments.sum::<usize>();
            }
            TypeKind::Interface(interface) => self.fields += interface.fields.len(),
            TypeKind::InputObject(input) => self.inputs += input.fields.len(),
            TypeKind::Enum(values) => self.values += values.values.len(),
            TypeKind::Union(union) => self.union = self.union.max(union.members.len()),
            TypeKind::Scalar => {}
        }
    }
}

fn list(size: usize) -> Count {
    Count::List(u64::try_from(size.max(1)).unwrap_or(u64::MAX))
}
