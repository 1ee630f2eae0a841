//! Conditions on custom fields.

use entity::Timestamp;
use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{Expr, ExprTrait},
};

use crate::{auth::Scope, store::dialect::Dialect};

/// Condition on a custom field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldFilter {
    pub key: String,
    pub eq: Option<FieldValue>,
    pub exists: Option<bool>,
    pub one_of: Option<Vec<FieldValue>>,
    /// All of these must hold.
    pub ranges: Vec<(FieldOperator, FieldRange)>,
}

/// Comparison of a field with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldOperator {
    Gt,
    Gte,
    Lt,
    Lte,
}

/// Value that a custom field is compared with by its order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FieldRange {
    /// Number in JSON notation.
    Number(String),
    /// Time, compared with texts in the format of RFC 3339.
    Time(Timestamp),
}

impl FieldOperator {
    /// The operator in SQL.
    pub fn sql(self) -> &'static str {
        match self {
            Self::Gt => ">",
            Self::Gte => ">=",
            Self::Lt => "<",
            Self::Lte => "<=",
        }
    }
}

/// Value that a custom field is compared with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FieldValue {
    /// Text, compared case-sensitively.
    Text(String),
    /// Number in JSON notation.
    Number(String),
    /// Boolean.
    Flag(bool),
    /// Array or object, as JSON with sorted keys.
    Nested(String),
}

/// Condition on custom fields.
pub fn fields<C: ColumnTrait>(column: C) -> impl Fn(&Vec<FieldFilter>, &Scope, Dialect) -> Condition {
    move |filters, _, dialect| {
        let fits = |all: Condition, filter: &FieldFilter| all.add(fits(column, filter, dialect));
        filters.iter().fold(Condition::all(), fits)
    }
}

fn fits<C: ColumnTrait>(column: C, filter: &FieldFilter, dialect: Dialect) -> Condition {
    let key = &filter.key;
    let is = |value: &FieldValue| dialect.field_is(column, key, value);
    let exists = |wanted: bool| {
        let exists = dialect.has_field(column, key);
        if wanted { exists } else { exists.not() }
    };
    let is_one_of = |values: &Vec<FieldValue>| {
        let any = values.iter().map(is).reduce(ExprTrait::or);
        any.unwrap_or_else(|| Expr::value(false))
    };
    let own = Condition::all()
        .add_option(filter.exists.map(exists))
        .add_option(filter.eq.as_ref().map(is))
        .add_option(filter.one_of.as_ref().map(is_one_of));
    let ranges = filter.ranges.iter();
    ranges.fold(own, |all, (operator, value)| {
        all.add(dialect.field_compares(column, key, *operator, value))
    })
}
