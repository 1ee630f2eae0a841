//! Conditions on custom fields.

use async_graphql::{InputObject, MaybeUndefined};

use entity::Timestamp;

use super::{ArgumentPath, given, holding, plain, text, values, within};
use crate::{
    graphql::{
        error::{Result, bad_input},
        scalars::JsonValue,
    },
    service::custom_fields::{KEY_MAX, settle, unfit},
    store::filter::{FieldFilter, FieldOperator, FieldRange, FieldValue},
};

/// Conditions on one custom field. The field must meet all of them. Null in place of a condition, and a key
/// without a condition, are refused.
#[derive(Clone, Debug, InputObject)]
pub struct CustomFieldFilter {
    /// Key of the custom field: up to 64 characters.
    key: String,
    /// The field has this value. Texts are compared with case, numbers by value, lists and objects as a
    /// whole. To find objects without the field, use `exists: false`.
    eq: MaybeUndefined<JsonValue>,
    /// The field has one of these values: up to 100, compared as with `eq`. An empty list matches nothing.
    #[graphql(name = "in")]
    one_of: MaybeUndefined<Vec<JsonValue>>,
    /// The field is greater than this value: a number, or a text in the format of RFC 3339, which is compared
    /// as a time. A field of another kind does not match.
    gt: MaybeUndefined<JsonValue>,
    /// The field is equal to or greater than this value: a number, or a text in the format of RFC 3339, which
    /// is compared as a time. A field of another kind does not match.
    gte: MaybeUndefined<JsonValue>,
    /// The field is less than this value: a number, or a text in the format of RFC 3339, which is compared as
    /// a time. A field of another kind does not match.
    lt: MaybeUndefined<JsonValue>,
    /// The field is equal to or less than this value: a number, or a text in the format of RFC 3339, which is
    /// compared as a time. A field of another kind does not match.
    lte: MaybeUndefined<JsonValue>,
    /// True: the field exists. False: the field does not exist.
    exists: MaybeUndefined<bool>,
}

/// Checks the key of a custom field.
pub fn field_key(key: String, place: &ArgumentPath) -> Result<String> {
    let key = text(key, place)?;
    within(&key, KEY_MAX, place)?;
    Ok(key)
}

/// Reads conditions on custom fields.
pub fn custom_fields(filters: Vec<CustomFieldFilter>, place: &ArgumentPath) -> Result<Vec<FieldFilter>> {
    let read = |(index, filter): (usize, CustomFieldFilter)| {
        let place = place.field(&index.to_string());
        let key = field_key(filter.key, &place.field("key"))?;
        let eq = given(filter.eq, &place, "eq", |JsonValue(value), place| {
            field_value(value, place)
        })?;
        let exists = given(filter.exists, &place, "exists", plain)?;
        let one_of = given(filter.one_of, &place, "in", field_values)?;
        let mut ranges = Vec::new();
        for (name, operator, value) in [
            ("gt", FieldOperator::Gt, filter.gt),
            ("gte", FieldOperator::Gte, filter.gte),
            ("lt", FieldOperator::Lt, filter.lt),
            ("lte", FieldOperator::Lte, filter.lte),
        ] {
            let value = given(value, &place, name, field_range)?;
            ranges.extend(value.map(|value| (operator, value)));
        }
        holding((eq.as_ref(), exists, one_of.as_ref(), ranges.as_slice()), &place)?;
        Ok(FieldFilter {
            key,
            eq,
            exists,
            one_of,
            ranges,
        })
    };
    values(filters, place)?
        .into_iter()
        .enumerate()
        .map(read)
        .collect()
}

/// Reads a value that a custom field is compared with, in the form in which custom fields are stored.
fn field_value(mut value: serde_json::Value, place: &ArgumentPath) -> Result<FieldValue> {
    if !settle(&mut value) {
        return Err(bad_input(place.path(), &unfit()));
    }
    Ok(match value {
        serde_json::Value::Bool(flag) => FieldValue::Flag(flag),
        serde_json::Value::Number(number) => FieldValue::Number(number.to_string()),
        serde_json::Value::String(value) => FieldValue::Text(text(value, place)?),
        nested => FieldValue::Nested(nested.to_string()),
    })
}

/// Reads a list of values that a custom field is compared with.
fn field_values(list: Vec<JsonValue>, place: &ArgumentPath) -> Result<Vec<FieldValue>> {
    let read =
        |(index, JsonValue(value)): (usize, JsonValue)| field_value(value, &place.field(&index.to_string()));
    values(list, place)?.into_iter().enumerate().map(read).collect()
}

/// Reads a number or a time that a custom field is compared with by its order.
fn field_range(JsonValue(value): JsonValue, place: &ArgumentPath) -> Result<FieldRange> {
    let range = match field_value(value, place)? {
        FieldValue::Number(number) => Some(FieldRange::Number(number)),
        FieldValue::Text(text) => Timestamp::parse(&text).map(FieldRange::Time),
        FieldValue::Flag(_) | FieldValue::Nested(_) => None,
    };
    range.ok_or_else(|| {
        bad_input(
            place.path(),
            "must be a number or a time in the format of RFC 3339, such as `2026-01-31T12:00:00Z`.",
        )
    })
}
