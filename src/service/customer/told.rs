//! Access to the custom fields that a source reports, one by one.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::service::Patch;

/// Prefix of the keys of custom fields in the change log.
const OWN: &str = "customFields.";

/// Returns the custom fields in an input, with their values in a row.
pub fn own_recorded(
    given: &Patch<Map<String, Value>>,
    row: &Map<String, Value>,
) -> Vec<(Cow<'static, str>, Value)> {
    let keys = given.as_set().into_iter().flat_map(Map::keys);
    keys.map(|key| {
        let value = row.get(key).cloned().unwrap_or_default();
        (Cow::Owned(format!("{OWN}{key}")), value)
    })
    .collect()
}

/// Removes a custom field from an input, so that the stored value remains.
pub fn keep_own(given: &mut Patch<Map<String, Value>>, name: &str) {
    if let (Patch::Set(fields), Some(key)) = (given, name.strip_prefix(OWN)) {
        fields.remove(key);
    }
}

/// Converts a clear of all custom fields into a clear of each field.
pub fn each_cleared(given: &mut Patch<Map<String, Value>>, row: &Map<String, Value>) {
    if *given == Patch::Clear {
        *given = Patch::Set(row.keys().map(|key| (key.clone(), Value::Null)).collect());
    }
}
