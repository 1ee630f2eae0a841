//! Converts numbers in a document: `2.0` where an `Int` is expected, and a number where an `ID` is expected.
//!
//! Some clients write every number as a float. apollo-compiler accepts neither, and async-graphql accepts no id of more
//! than 64 bits. Both receive the converted value.

use apollo_compiler::{
    ExecutableDocument, Node, Schema,
    ast::{Argument, InputValueDefinition, IntValue, Type, Value},
    executable::{Selection, SelectionSet},
    schema::ExtendedType,
};

use crate::request::limits::whole;

/// Converts the numbers of a document.
pub fn settle(document: &mut ExecutableDocument, schema: &Schema) {
    let named = document.operations.named.values_mut();
    for operation in named.chain(document.operations.anonymous.as_mut()) {
        let operation = operation.make_mut();
        for variable in &mut operation.variables {
            let default = variable.default_value.as_ref();
            if let Some(settled) = default.and_then(|default| value(schema, &variable.ty, default)) {
                variable.make_mut().default_value = Some(settled);
            }
        }
        set(schema, &mut operation.selection_set);
    }
    for fragment in document.fragments.values_mut() {
        set(schema, &mut fragment.make_mut().selection_set);
    }
}

fn set(schema: &Schema, read: &mut SelectionSet) {
    for selection in &mut read.selections {
        match selection {
            Selection::Field(field) => {
                let field = field.make_mut();
                arguments(schema, &field.definition.arguments, &mut field.arguments);
                set(schema, &mut field.selection_set);
            }
            Selection::InlineFragment(fragment) => set(schema, &mut fragment.make_mut().selection_set),
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn arguments(schema: &Schema, known: &[Node<InputValueDefinition>], given: &mut [Node<Argument>]) {
    for argument in given {
        let known = known.iter().find(|known| known.name == argument.name);
        if let Some(settled) = known.and_then(|known| value(schema, &known.ty, &argument.value)) {
            argument.make_mut().value = settled;
        }
    }
}

/// The converted value; none if it needs no conversion.
fn value(schema: &Schema, ty: &Type, given: &Node<Value>) -> Option<Node<Value>> {
    let settled = match &**given {
        Value::Float(float) if ty.inner_named_type() == "Int" => {
            let whole = whole(float.try_to_f64().ok()?)?;
            Value::Int(IntValue::from(whole))
        }
        Value::Int(number) if ty.inner_named_type() == "ID" => Value::String(number.as_str().to_owned()),
        Value::List(items) => {
            let ty = ty.item_type();
            let settled = items.iter().map(|item| value(schema, ty, item));
            Value::List(replaced(items, settled.collect(), |item, settled| {
                *item = settled;
            })?)
        }
        Value::Object(fields) => {
            let Some(ExtendedType::InputObject(object)) = schema.types.get(ty.inner_named_type()) else {
                return None;
            };
            let settled = fields.iter().map(|(name, field)| {
                let known = object.fields.get(name)?;
                value(schema, &known.ty, field)
            });
            Value::Object(replaced(fields, settled.collect(), |(_, field), settled| {
                *field = settled;
            })?)
        }
        _ => return None,
    };
    Some(given.same_location(settled))
}

/// A copy with the converted values; none if no value was converted.
fn replaced<T: Clone>(
    given: &[T],
    settled: Vec<Option<Node<Value>>>,
    put: impl Fn(&mut T, Node<Value>),
) -> Option<Vec<T>> {
    if settled.iter().all(Option::is_none) {
        return None;
    }
    let mut given = given.to_vec();
    for (place, settled) in given.iter_mut().zip(settled) {
        if let Some(settled) = settled {
            put(place, settled);
        }
    }
    Some(given)
}
