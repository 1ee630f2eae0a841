//! The values that a request brings for the variables of an operation.

use apollo_compiler::{Node, Schema, ast::Type, executable::Operation};
use async_graphql::{Name, Pos, Value, Variables};

use super::{Mistakes, inputs::coerce, places::Places};

/// What is known of the operations of a valid document.
#[derive(Debug, Default)]
pub struct Operations(Vec<(Option<Name>, Vec<Variable>)>);

#[derive(Debug)]
struct Variable {
    name: Name,
    ty: Node<Type>,
    has_default: bool,
    pos: Option<Pos>,
}

impl Operations {
    /// Adds an operation.
    pub fn add(&mut self, operation: &Operation, places: &Places) {
        let variables = operation.variables.iter().map(|variable| Variable {
            name: Name::new(variable.name.as_str()),
            ty: variable.ty.clone(),
            has_default: variable.default_value.is_some(),
            pos: variable.location().map(|span| places.at(span.offset())),
        });
        let name = operation.name.as_ref().map(|name| Name::new(name.as_str()));
        self.0.push((name, variables.collect()));
    }

    /// Checks the variables of an operation, and brings them into the form in which they are read.
    pub fn coerce(
        &self,
        schema: &Schema,
        operation: Option<&str>,
        sent: &mut Variables,
    ) -> Result<(), Mistakes> {
        let chosen = match (self.0.as_slice(), operation) {
            ([only], _) => Some(only),
            (several, name) => several.iter().find(|(known, _)| known.as_deref() == name),
        };
        let mut mistakes = Mistakes::default();
        for variable in chosen.iter().flat_map(|(_, variables)| variables) {
            if let Err((path, why)) = variable.check(schema, sent.get_mut(&variable.name)) {
                mistakes.add(variable.pos, || format!("${}{path}: {why}", variable.name));
            }
        }
        mistakes.into_result()
    }
}

const MISSING: &str = "this variable must have a value.";

impl Variable {
    fn check(&self, schema: &Schema, sent: Option<&mut Value>) -> Result<(), (String, String)> {
        let is_null = sent.as_ref().is_some_and(|value| **value == Value::Null);
        let is_missing = sent.is_none() && !self.has_default;
        match sent {
            _ if self.ty.is_non_null() && (is_null || is_missing) => Err((String::new(), MISSING.to_owned())),
            Some(value) => coerce(schema, &self.ty, value).map_err(|fault| (fault.place(), fault.message)),
            None => Ok(()),
        }
    }
}
