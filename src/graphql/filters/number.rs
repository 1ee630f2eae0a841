//! Conditions on numbers.

use async_graphql::{InputObject, MaybeUndefined};

use super::{ArgumentPath, given, holding, plain};
use crate::{graphql::error::Result, store::filter::NumberFilter};

/// Conditions on a number. A number must meet all of them. Null in place of a condition, and an object
/// without a condition, are refused.
#[derive(Clone, Debug, InputObject)]
pub struct IntFilter {
    /// Equal to this number.
    eq: MaybeUndefined<i32>,
    /// Greater than this number.
    gt: MaybeUndefined<i32>,
    /// Equal to or greater than this number.
    gte: MaybeUndefined<i32>,
    /// Less than this number.
    lt: MaybeUndefined<i32>,
    /// Equal to or less than this number.
    lte: MaybeUndefined<i32>,
    /// True: the number is not set. False: the number is set.
    is_null: MaybeUndefined<bool>,
}

/// Reads conditions on a number.
#[expect(
    clippy::needless_pass_by_value,
    reason = "same signature as the other readers"
)]
pub fn number(filter: IntFilter, place: &ArgumentPath) -> Result<NumberFilter> {
    let read = NumberFilter {
        eq: given(filter.eq, place, "eq", plain)?,
        gt: given(filter.gt, place, "gt", plain)?,
        gte: given(filter.gte, place, "gte", plain)?,
        lt: given(filter.lt, place, "lt", plain)?,
        lte: given(filter.lte, place, "lte", plain)?,
        is_null: given(filter.is_null, place, "isNull", plain)?,
    };
    holding(read, place)
}
