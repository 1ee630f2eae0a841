//! Conditions on numbers.

use sea_orm::{
    Condition,
    sea_query::{Expr, ExprTrait},
};

use crate::{auth::Scope, store::dialect::Dialect};

/// Condition on a whole number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NumberFilter {
    pub eq: Option<i32>,
    pub gt: Option<i32>,
    pub gte: Option<i32>,
    pub lt: Option<i32>,
    pub lte: Option<i32>,
    pub is_null: Option<bool>,
}

/// Condition on a number.
pub fn number(value: impl Fn() -> Expr) -> impl Fn(&NumberFilter, &Scope, Dialect) -> Condition {
    move |filter, _, _| {
        Condition::all()
            .add_option(filter.eq.map(|number| value().eq(number)))
            .add_option(filter.gt.map(|number| value().gt(number)))
            .add_option(filter.gte.map(|number| value().gte(number)))
            .add_option(filter.lt.map(|number| value().lt(number)))
            .add_option(filter.lte.map(|number| value().lte(number)))
            .add_option(filter.is_null.map(|wanted| {
                if wanted {
                    value().is_null()
                } else {
                    value().is_not_null()
                }
            }))
    }
}
