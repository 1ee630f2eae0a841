//! The sizes of the lists of an operation, read from its arguments, its variables and their defaults.

use std::collections::HashMap;

use apollo_compiler::{
    Node,
    ast::{Value as Literal, VariableDefinition},
    executable::Field,
};
use async_graphql::{Value, Variables};

use super::Bounds;
use crate::request::count::{Count, GROUPS_DEFAULT, GROUPS_MAX};

/// A size in the document, or in a variable.
#[derive(Clone, Debug)]
enum Size {
    /// A value in the document.
    Given(Amount),
    /// The value of a variable.
    Variable(String),
}

/// A value as a size.
#[derive(Clone, Copy, Debug)]
struct Amount {
    /// The size of a page; none for null. An invalid size counts as the largest.
    page: Option<u64>,
    /// The length of a list.
    length: u64,
}

/// The arguments that determine the size of a list, if the document contains them: `first` and `last`, or `ids`.
#[derive(Clone, Debug)]
pub struct Arguments(Vec<Size>);

impl Amount {
    /// Reads a value in a document.
    fn of_literal(value: &Literal) -> Self {
        let page = match value {
            Literal::Null => None,
            Literal::Int(number) => Some(number.as_str().parse().unwrap_or(u64::MAX)),
            Literal::Float(number) => Some(size(number.try_to_f64().ok())),
            _ => Some(u64::MAX),
        };
        let length = value.as_list().map_or(1, <[_]>::len);
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        Self { page, length }
    }

    /// Reads a value of a variable.
    fn of(value: &Value) -> Self {
        let page = match value {
            Value::Null => None,
            Value::Number(number) => Some(number.as_u64().unwrap_or_else(|| size(number.as_f64()))),
            _ => Some(u64::MAX),
        };
        let length = match value {
            Value::List(items) => u64::try_from(items.len()).unwrap_or(u64::MAX),
            _ => 1,
        };
        Self { page, length }
    }
}

fn size(float: Option<f64>) -> u64 {
    let whole = float.and_then(whole);
    whole
        .and_then(|whole| u64::try_from(whole).ok())
        .unwrap_or(u64::MAX)
}

/// Converts a float that is a whole number of 32 bits.
pub fn whole(float: f64) -> Option<i32> {
    // `to_string` writes a whole float without a fraction.
    (float.fract() == 0.0).then(|| float.to_string().parse().ok())?
}

impl Size {
    fn of(value: &Literal) -> Self {
        match value {
            Literal::Variable(name) => Self::Variable(name.to_string()),
            value => Self::Given(Amount::of_literal(value)),
        }
    }
}

impl Arguments {
    /// Reads the arguments of a field.
    pub fn of(field: &Field, count: Count) -> Self {
        let names: &[&str] = match count {
            Count::Page => &["first", "last"],
            Count::Groups => &["first"],
            Count::Ids => &["ids"],
            _ => &[],
        };
        let given = names
            .iter()
            .filter_map(|name| field.specified_argument_by_name(name));
        Self(given.map(|value| Size::of(value)).collect())
    }

    /// Whether the size depends on no variable.
    pub fn are_known(&self) -> bool {
        self.0.iter().all(|size| matches!(size, Size::Given(_)))
    }
}

/// The defaults of the variables of an operation, as sizes.
#[derive(Debug, Default)]
pub struct Defaults(HashMap<String, Amount>);

impl Defaults {
    pub fn of(variables: &[Node<VariableDefinition>]) -> Self {
        let defaults = variables.iter().filter_map(|variable| {
            let default = variable.default_value.as_ref()?;
            Some((variable.name.to_string(), Amount::of_literal(default)))
        });
        Self(defaults.collect())
    }
}

/// Everything that determines the sizes of lists: variables, defaults and bounds.
#[derive(Debug)]
pub struct Sizes<'a> {
    variables: Option<(&'a Variables, &'a Defaults)>,
    /// The size of a page without `first` and `last`.
    pub default: u64,
    max: u64,
    /// The number of tenants of the viewer.
    pub tenants: u64,
}

impl<'a> Sizes<'a> {
    /// The sizes of a document, whose variables are unknown.
    pub fn of_document(bounds: &Bounds) -> Self {
        Self {
            variables: None,
            default: bounds.page_default.min(bounds.page).into(),
            max: bounds.page.into(),
            tenants: 0,
        }
    }

    /// The sizes of a request whose viewer has this number of tenants.
    pub fn of_request(
        bounds: &Bounds,
        variables: &'a Variables,
        defaults: &'a Defaults,
        tenants: usize,
    ) -> Self {
        Self {
            variables: Some((variables, defaults)),
            tenants: u64::try_from(tenants).unwrap_or(u64::MAX),
            ..Self::of_document(bounds)
        }
    }

    pub fn page(&self, arguments: &Arguments) -> u64 {
        self.largest(arguments).unwrap_or(self.default).clamp(1, self.max)
    }

    pub fn groups(&self, arguments: &Arguments) -> u64 {
        let given = self.largest(arguments).unwrap_or(GROUPS_DEFAULT.into());
        given.clamp(1, GROUPS_MAX.into())
    }

    fn largest(&self, arguments: &Arguments) -> Option<u64> {
        let given = arguments.0.iter().filter_map(|size| self.amount(size)?.page);
        given.max()
    }

    pub fn length(&self, ids: &Arguments) -> u64 {
        let given = ids.0.first().and_then(|size| self.amount(size));
        given.map_or(1, |amount| amount.length)
    }

    fn amount(&self, size: &Size) -> Option<Amount> {
        match size {
            Size::Given(amount) => Some(*amount),
            Size::Variable(name) => {
                let (sent, defaults) = self.variables?;
                let sent = sent.get(name.as_str()).map(Amount::of);
                sent.or_else(|| defaults.0.get(name).copied())
            }
        }
    }
}
