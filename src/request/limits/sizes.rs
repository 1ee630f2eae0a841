//! How large the lists of an operation are.

use std::collections::HashMap;

use async_graphql::{
    Value as Constant, Variables,
    parser::types::{Field, OperationDefinition},
};
use async_graphql_value::Value;

use super::Bounds;
use crate::request::validation::whole;

/// How large the lists of an operation are, by its arguments, its variables and their defaults.
#[derive(Debug)]
pub struct Sizes<'a> {
    variables: &'a Variables,
    defaults: HashMap<&'a str, &'a Constant>,
    /// A page that nobody says the size of.
    pub default: u64,
    max: u64,
    /// Tenants of the viewer.
    pub tenants: u64,
}

impl<'a> Sizes<'a> {
    /// Those of an operation whose viewer has so many tenants.
    pub fn new(
        operation: Option<&'a OperationDefinition>,
        variables: &'a Variables,
        bounds: &Bounds,
        tenants: usize,
    ) -> Self {
        let definitions = operation.into_iter().flat_map(|one| &one.variable_definitions);
        let defaults = definitions.filter_map(|definition| {
            let default = definition.node.default_value.as_ref()?;
            Some((definition.node.name.node.as_str(), &default.node))
        });
        Self {
            variables,
            defaults: defaults.collect(),
            default: bounds.page_default.min(bounds.page).into(),
            max: bounds.page.into(),
            tenants: u64::try_from(tenants).unwrap_or(u64::MAX),
        }
    }

    /// How large a page is. One that will be refused counts as the largest.
    pub fn page(&self, field: &Field) -> u64 {
        let given = ["first", "last"].into_iter().filter_map(|name| {
            let size = self.constant(&field.get_argument(name)?.node)?;
            match size {
                Constant::Null => None,
                Constant::Number(size) => {
                    let whole = || u64::try_from(whole(size.as_f64()?)?).ok();
                    size.as_u64().or_else(whole).or(Some(self.max))
                }
                _ => Some(self.max),
            }
        });
        given.max().unwrap_or(self.default).clamp(1, self.max)
    }

    /// How many ids are given.
    pub fn ids(&self, field: &Field) -> u64 {
        let length = match field.get_argument("ids").map(|ids| &ids.node) {
            Some(Value::List(ids)) => ids.len(),
            Some(Value::Variable(name)) => match self.variable(name) {
                Some(Constant::List(ids)) => ids.len(),
                _ => 1,
            },
            _ => 1,
        };
        u64::try_from(length).unwrap_or(u64::MAX)
    }

    fn constant(&self, value: &Value) -> Option<Constant> {
        match value {
            Value::Variable(name) => self.variable(name).cloned(),
            Value::Number(number) => Some(Constant::Number(number.clone())),
            Value::Null => Some(Constant::Null),
            _ => Some(Constant::Boolean(false)),
        }
    }

    fn variable(&self, name: &str) -> Option<&Constant> {
        let sent = self.variables.get(name);
        sent.or_else(|| self.defaults.get(name).copied())
    }
}
