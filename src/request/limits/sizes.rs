//! The sizes of the lists of an operation, by its arguments, its variables and their defaults.

use std::collections::HashMap;

use apollo_compiler::{
    Node,
    ast::{Value as Literal, VariableDefinition},
    executable::Field,
};
use async_graphql::{Value, Variables};

use super::Bounds;

/// A size that is given, or left to a variable.
#[derive(Clone, Debug)]
pub enum Size {
    /// Given.
    Given(Amount),
    /// The value of a variable.
    Variable(String),
}

/// What a value says of a size.
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    /// As the size of a page; none for null. A size that will be refused counts as the largest.
    page: Option<u64>,
    /// As a list: its length.
    length: u64,
}

/// The arguments `first` and `last` of a page, as far as they are given.
#[derive(Clone, Debug)]
pub struct Page(Vec<Size>);

impl Amount {
    /// That of a value in a document.
    pub fn of_literal(value: &Literal) -> Self {
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

    /// That of a value of a variable.
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

/// A float that is a whole number.
pub fn whole(float: f64) -> Option<i32> {
    // A float without a fraction is written without one.
    (float.fract() == 0.0).then(|| float.to_string().parse().ok())?
}

impl Size {
    fn of(value: &Literal) -> Self {
        match value {
            Literal::Variable(name) => Self::Variable(name.to_string()),
            value => Self::Given(Amount::of_literal(value)),
        }
    }

    /// The ids that a field is given: a list.
    pub fn ids(field: &Field) -> Self {
        match field.specified_argument_by_name("ids") {
            Some(value) => Self::of(value),
            None => Self::Given(Amount {
                page: None,
                length: 1,
            }),
        }
    }

    /// Whether it depends on no variable.
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Given(_))
    }
}

impl Page {
    /// That of a field.
    pub fn of(field: &Field) -> Self {
        let given = ["first", "last"].into_iter();
        let given = given.filter_map(|name| field.specified_argument_by_name(name));
        Self(given.map(|value| Size::of(value)).collect())
    }

    /// Whether it depends on no variable.
    pub fn is_known(&self) -> bool {
        self.0.iter().all(Size::is_known)
    }
}

/// The defaults of the variables of an operation, as sizes.
#[derive(Debug, Default)]
pub struct Defaults(HashMap<String, Amount>);

impl Defaults {
    /// Those of an operation.
    pub fn of(variables: &[Node<VariableDefinition>]) -> Self {
        let defaults = variables.iter().filter_map(|variable| {
            let default = variable.default_value.as_ref()?;
            Some((variable.name.to_string(), Amount::of_literal(default)))
        });
        Self(defaults.collect())
    }
}

/// What the sizes of lists depend on.
#[derive(Debug)]
pub struct Sizes<'a> {
    variables: Option<(&'a Variables, &'a Defaults)>,
    /// A page whose size is not given.
    pub default: u64,
    max: u64,
    /// Tenants of the viewer.
    pub tenants: u64,
}

impl<'a> Sizes<'a> {
    /// For a document, whose variables are not known.
    pub fn of_document(bounds: &Bounds) -> Self {
        Self {
            variables: None,
            default: bounds.page_default.min(bounds.page).into(),
            max: bounds.page.into(),
            tenants: 0,
        }
    }

    /// For a request whose viewer has so many tenants.
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

    /// The size of a page.
    pub fn page(&self, page: &Page) -> u64 {
        let given = page.0.iter().filter_map(|size| self.amount(size)?.page);
        given.max().unwrap_or(self.default).clamp(1, self.max)
    }

    /// The length of a list.
    pub fn length(&self, size: &Size) -> u64 {
        self.amount(size).map_or(1, |amount| amount.length)
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
