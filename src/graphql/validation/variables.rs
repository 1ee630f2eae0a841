//! The values that a request brings for the variables of an operation.

use apollo_compiler::{
    Node, Schema,
    ast::{Type, Value as Literal},
    executable::Operation,
};
use async_graphql::{Name, Pos, Value, Variables};

use super::{
    Mistakes,
    inputs::coerce,
    literals::{Need, Needs},
    places::Places,
};

/// What is known of the operations of a valid document.
#[derive(Debug, Default)]
pub struct Operations(Vec<(Option<Name>, Vec<Variable>)>);

#[derive(Debug)]
struct Variable {
    name: Name,
    ty: Node<Type>,
    need: Need,
    /// Whether there is a default, and whether that is null.
    default: Option<bool>,
    pos: Option<Pos>,
}

impl Operations {
    /// Adds an operation.
    pub fn add(&mut self, operation: &Operation, needs: &Needs<'_>, places: &Places) {
        let variables = operation.variables.iter().map(|variable| Variable {
            name: Name::new(variable.name.as_str()),
            ty: variable.ty.clone(),
            need: needs.get(&variable.name).copied().unwrap_or(Need::Nothing),
            default: variable.default_value.as_deref().map(Literal::is_null),
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
const NULL: &str = "this variable must not be null where it stands.";

impl Variable {
    fn check(&self, schema: &Schema, sent: Option<&mut Value>) -> Result<(), (String, String)> {
        let wrong = |why: &str| Err((String::new(), why.to_owned()));
        let is_null = match &sent {
            Some(value) => **value == Value::Null,
            None => self.default.unwrap_or_default(),
        };
        let is_missing = sent.is_none() && self.default.is_none();
        match sent {
            _ if self.ty.is_non_null() && (is_null || is_missing) => wrong(MISSING),
            _ if self.need == Need::Value && is_missing => wrong(MISSING),
            _ if self.need >= Need::NotNull && is_null => wrong(NULL),
            Some(value) => coerce(schema, &self.ty, value).map_err(|fault| (fault.place(), fault.message)),
            None => Ok(()),
        }
    }
}
