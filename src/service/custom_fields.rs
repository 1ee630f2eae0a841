//! Custom fields: limits and key-by-key merging.

use entity::CustomFields;
use serde_json::{Map, Number, Value};

use super::{Patch, UserError, UserErrorCode, validate::Checks};

/// Maximum length of a key in characters.
pub const KEY_MAX: usize = 64;
/// Maximum size of all fields of one object as JSON, in bytes.
pub const BYTES_MAX: usize = 64 << 10;
/// Maximum nesting depth of values.
const DEPTH_MAX: usize = 16;

impl Checks {
    /// Reports errors in custom fields and converts their values into the stored form: whole numbers have no
    /// decimal point, so that equal values have equal texts.
    pub fn custom_fields(
        &mut self,
        given: Patch<Map<String, Value>>,
        path: &[&str],
    ) -> Patch<Map<String, Value>> {
        let Patch::Set(mut fields) = given else {
            return given;
        };
        if size(&fields) > BYTES_MAX {
            self.add(too_large(size(&fields), path));
            return Patch::Keep;
        }
        for (key, value) in &mut fields {
            let path: Vec<&str> = path.iter().copied().chain([key.as_str()]).collect();
            self.required(key, KEY_MAX, &path);
            if !settle(value) {
                self.add(UserError::of(UserErrorCode::Invalid, &unfit(), &path));
            }
        }
        Patch::Set(fields)
    }
}

/// Merges fields key by key. Null for a key removes the key, null for the object removes all keys.
pub fn merged(
    before: &CustomFields,
    patch: Patch<Map<String, Value>>,
    path: &[&str],
) -> Result<CustomFields, UserError> {
    let mut fields = match patch {
        Patch::Keep => return Ok(before.clone()),
        Patch::Clear => return Ok(CustomFields::default()),
        Patch::Set(given) => {
            let mut fields = before.0.clone();
            fields.extend(given);
            fields
        }
    };
    fields.retain(|_, value| !value.is_null());
    if size(&fields) > BYTES_MAX {
        return Err(too_large(size(&fields), path));
    }
    Ok(CustomFields(fields))
}

fn too_large(size: usize, path: &[&str]) -> UserError {
    let why = format!("is {size} bytes of JSON. The maximum is {BYTES_MAX}.");
    UserError::of(UserErrorCode::TooLong, &why, path)
}

/// Why a value that does not [settle] is refused.
pub fn unfit() -> String {
    format!("contains a NUL character or more than {DEPTH_MAX} levels of nested values.")
}

fn size(fields: &Map<String, Value>) -> usize {
    serde_json::to_vec(fields).map_or(usize::MAX, |json| json.len())
}

/// Converts a value into the stored form. Returns false if it cannot be stored.
pub fn settle(value: &mut Value) -> bool {
    settle_within(value, DEPTH_MAX)
}

fn settle_within(value: &mut Value, depth: usize) -> bool {
    match value {
        Value::Null | Value::Bool(_) => true,
        Value::Number(number) => {
            if let Some(whole) = whole(number) {
                *number = whole.into();
            }
            true
        }
        Value::String(text) => !text.contains('\0'),
        Value::Array(list) => depth > 0 && list.iter_mut().all(|inner| settle_within(inner, depth - 1)),
        Value::Object(fields) => {
            let keys = fields.keys().all(|key| !key.contains('\0'));
            keys && depth > 0 && fields.values_mut().all(|inner| settle_within(inner, depth - 1))
        }
    }
}

/// Returns the integer equal to a number with a decimal point, if every digit is exact.
fn whole(number: &Number) -> Option<i64> {
    const SURE: f64 = 9_007_199_254_740_992.0;
    let float = number
        .as_f64()
        .filter(|float| number.is_f64() && float.fract() == 0.0)?;
    if float.abs() > SURE {
        return None;
    }
    format!("{float:.0}").parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(fields) => fields,
            other => panic!("no object: {other}"),
        }
    }

    #[test]
    fn fields_are_merged_key_by_key_and_null_removes() {
        let before = CustomFields(object(json!({ "plan": "free", "seats": 3 })));
        let patch = Patch::Set(object(json!({ "plan": null, "seats": 4, "vat": { "id": "x" } })));
        let after = merged(&before, patch, &[]).expect("small");
        assert_eq!(
            Value::Object(after.0.clone()),
            json!({ "seats": 4, "vat": { "id": "x" } })
        );
        assert_eq!(merged(&after, Patch::Clear, &[]), Ok(CustomFields::default()));
        assert_eq!(merged(&after, Patch::Keep, &[]), Ok(after));
    }

    #[test]
    fn merged_updates_stay_within_the_size_limit() {
        let part = "x".repeat(BYTES_MAX / 2);
        let first = merged(
            &CustomFields::default(),
            Patch::Set(object(json!({ "a": part }))),
            &["f"],
        );
        let patch = Patch::Set(object(json!({ "b": part })));
        let error = merged(&first.expect("half"), patch, &["f"]).expect_err("too large");
        assert_eq!(
            (error.code, error.path),
            (UserErrorCode::TooLong, vec!["f".to_owned()])
        );
    }

    #[test]
    fn numbers_are_normalized_and_unstorable_values_refused() {
        let mut value = json!({ "a": [1.0, -2.5, 1e300], "b": -0.0 });
        assert!(settle(&mut value));
        assert_eq!(value.to_string(), r#"{"a":[1,-2.5,1e+300],"b":0}"#);
        assert!(!settle(&mut json!(["a\0"])));
        assert!(!settle_within(&mut json!([[[]]]), 2));
    }
}
