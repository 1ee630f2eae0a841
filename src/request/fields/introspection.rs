//! How many objects the fields of introspection return.
//!
//! Only lists count, because nested lists multiply. The length of a list is the average of the schema, with a minimum
//! that makes nested lists expensive. A single object is a part of its parent object. So the introspection queries of
//! tools are cheap.

use std::collections::HashMap;

use apollo_compiler::{Schema, schema::ExtendedType};

use crate::request::count::Count;

/// The number of built-in scalars, directives and introspection types.
const BUILT_IN: usize = 16;

/// The minimum number of fields of a type. The types that nested queries reach have more fields than the average.
const FIELDS: usize = 8;

/// The number of elements of a schema, by kind.
#[derive(Default)]
pub struct Totals {
    types: usize,
    fields: usize,
    arguments: usize,
    inputs: usize,
    values: usize,
    interfaces: usize,
    /// The number of possible types of the largest interface or union.
    possible: usize,
}

impl Totals {
    pub fn of(schema: &Schema) -> Self {
        let mut totals = Self {
            types: BUILT_IN,
            ..Self::default()
        };
        let mut members: HashMap<&str, usize> = HashMap::new();
        let own = |ty: &&ExtendedType| !ty.is_built_in() && !ty.name().starts_with("__");
        for ty in schema.types.values().filter(own) {
            totals.types += 1;
            match ty {
                ExtendedType::Object(object) => {
                    totals.fields += object.fields.len();
                    totals.interfaces += object.implements_interfaces.len();
                    for interface in &object.implements_interfaces {
                        *members.entry(interface.as_str()).or_default() += 1;
                    }
                    let arguments = object.fields.values().map(|field| field.arguments.len());
                    totals.arguments += arguments.sum::<usize>();
                }
                ExtendedType::Interface(interface) => totals.fields += interface.fields.len(),
                ExtendedType::InputObject(input) => totals.inputs += input.fields.len(),
                ExtendedType::Enum(values) => totals.values += values.values.len(),
                ExtendedType::Union(union) => totals.possible = totals.possible.max(union.members.len()),
                ExtendedType::Scalar(_) => {}
            }
        }
        totals.possible = members.into_values().fold(totals.possible, usize::max);
        totals
    }

    /// The count of a field of introspection.
    pub fn count(&self, parent: &str, field: &str) -> Option<Count> {
        let of_type = |total: usize| list(total.div_ceil(self.types));
        Some(match (parent, field) {
            ("__Schema", "types") => list(self.types),
            ("__Schema", "directives") => list(8),
            ("__Directive", "args") => list(2),
            ("__Type", "fields") => list(self.fields.div_ceil(self.types).max(FIELDS)),
            ("__Type", "inputFields") => of_type(self.inputs),
            ("__Type", "enumValues") => of_type(self.values),
            ("__Type", "interfaces") => of_type(self.interfaces),
            ("__Type", "possibleTypes") => list(self.possible),
            ("__Field", "args") => list(self.arguments.div_ceil(self.fields.max(1))),
            (parent, _) if parent.starts_with("__") => Count::Part,
            _ => return None,
        })
    }
}

fn list(size: usize) -> Count {
    Count::List(u64::try_from(size.max(1)).unwrap_or(u64::MAX))
}
