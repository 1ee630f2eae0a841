//! Reads the fields of one JSON object one by one and records every fault.
//!
//! A nested object is read the same way and then [merged](Fields::absorb) into its parent. Its faults and its
//! unread fields are reported with their path, such as `attributes.emails.0.email`.
//!
//! An invalid value does not reject the record. It is [left out](Fields::odd) or [replaced](Fields::mend) and
//! reported. In strict mode, it rejects the record.

mod addresses;
mod attachments;
mod texts;

use std::collections::BTreeSet;

use entity::Timestamp;
use serde_json::{Map, Value};

use super::{memory::TagNames, spelling};
use crate::service::Patch;

pub use addresses::no_address;

const NUL: &str = "The value contains a NUL character.";
/// Suffix of the reason when a value is left out.
pub const LEFT_OUT: &str = " The value is left out.";
/// The reason for a missing required value.
const MISSING: &str = "The value is missing.";

/// A fault: the path of a field, and the reason.
pub type FieldFault = (String, String);

/// A row, and the parts of its object that were left out.
#[derive(Debug)]
pub struct ParsedRow<T> {
    pub row: T,
    /// Paths of unsupported fields.
    pub unknown: BTreeSet<String>,
    /// Values that could not be used.
    pub left_out: Vec<FieldFault>,
}

/// Result for one object: a row, or all its faults.
pub type RowResult<T> = Result<ParsedRow<T>, Vec<FieldFault>>;

/// The fields of one object.
#[derive(Debug)]
pub struct Fields {
    object: Map<String, Value>,
    /// Path of the object with a final dot. Empty for the outermost object.
    path: String,
    /// Whether an invalid value rejects the record.
    strict: bool,
    /// Names of tags by id.
    tags: TagNames,
    faults: Vec<FieldFault>,
    left_out: Vec<FieldFault>,
    unknown: BTreeSet<String>,
}

impl Fields {
    /// The fields of an object. In strict mode, an invalid value rejects the record.
    pub fn of(value: Value, strict: bool) -> Result<Self, FieldFault> {
        match value {
            Value::Object(object) => Ok(Self::new(String::new(), object, strict, TagNames::default())),
            _ => Err((String::new(), "The record is not a JSON object.".to_owned())),
        }
    }

    /// The same fields with names for tags that are given by id.
    pub fn knowing(self, tags: &TagNames) -> Self {
        Self {
            tags: tags.clone(),
            ..self
        }
    }

    /// The fields of a nested object.
    fn within(&self, place: &str, object: Map<String, Value>) -> Self {
        let path = format!("{}{place}.", self.path);
        Self::new(path, object, self.strict, self.tags.clone())
    }

    fn new(path: String, object: Map<String, Value>, strict: bool, tags: TagNames) -> Self {
        Self {
            object,
            path,
            strict,
            tags,
            faults: Vec::new(),
            left_out: Vec::new(),
            unknown: BTreeSet::new(),
        }
    }

    /// Whether an invalid value rejects the record.
    pub fn is_strict(&self) -> bool {
        self.strict
    }

    /// A required text. Without it, the record is rejected.
    pub fn required(&mut self, name: &str) -> String {
        let text = match self.object.remove(name) {
            None | Some(Value::Null) => self.fault(name, MISSING),
            // Rejected before any lookup, because the database does not accept NUL characters.
            Some(Value::String(text)) if text.contains('\0') => self.fault(name, NUL),
            Some(Value::String(text)) => Some(text),
            Some(Value::Number(number)) if !self.strict && !number.is_f64() => Some(number.to_string()),
            Some(_) => self.fault(name, "The value is not a string."),
        };
        text.unwrap_or_default()
    }

    pub fn boolean(&mut self, name: &str) -> Option<bool> {
        match self.object.remove(name) {
            None | Some(Value::Null) => None,
            Some(Value::Bool(value)) => Some(value),
            Some(_) => self.odd(name, "The value is not a boolean."),
        }
    }

    pub fn instant(&mut self, name: &str) -> Option<Timestamp> {
        if self.strict {
            let text = self.text(name)?;
            return Timestamp::parse(&text)
                .or_else(|| self.odd(name, "The value is not a timestamp in RFC 3339."));
        }
        let text = self.line(name)?;
        spelling::instant(&text)
            .or_else(|| self.odd(name, "The value is not a timestamp in RFC 3339 or ISO 8601."))
    }

    /// A timestamp that must not be before `made`.
    pub fn instant_since(&mut self, name: &str, made: Option<Timestamp>) -> Option<Timestamp> {
        let instant = self.instant(name)?;
        if made.is_some_and(|made| instant < made) {
            return self.odd(name, "The timestamp is before createdAt.");
        }
        Some(instant)
    }

    /// A list of objects. The caller must [merge](Self::absorb) each of them.
    pub fn objects(&mut self, name: &str) -> Option<Vec<Self>> {
        let mut objects = Vec::new();
        for (index, item) in self.list(name)?.into_iter().enumerate() {
            let place = format!("{name}.{index}");
            match item {
                Value::Object(object) => objects.push(self.within(&place, object)),
                _ if self.strict => return self.odd(&place, "The value is not a JSON object."),
                _ => self.leave_out(&place, "The value is not a JSON object."),
            }
        }
        Some(objects)
    }

    /// A JSON object without conversion.
    pub fn map(&mut self, name: &str) -> Option<Map<String, Value>> {
        match self.object.remove(name) {
            None | Some(Value::Null) => None,
            Some(Value::Object(object)) => Some(object),
            Some(_) => self.odd(name, "The value is not a JSON object."),
        }
    }

    /// The nested object of a field, empty if absent. The caller must [merge](Self::absorb) it.
    pub fn inner(&mut self, name: &str) -> Self {
        let object = self.map(name).unwrap_or_default();
        self.within(name, object)
    }

    /// The required nested object of a field.
    pub fn required_inner(&mut self, name: &str) -> Self {
        let object = match self.object.remove(name) {
            None | Some(Value::Null) => self.fault(name, MISSING),
            Some(Value::Object(object)) => Some(object),
            Some(_) => self.fault(name, "The value is not a JSON object."),
        };
        self.within(name, object.unwrap_or_default())
    }

    /// Merges a nested object: its faults, and its unread fields as unsupported ones.
    pub fn absorb(&mut self, inner: Self) {
        self.faults.extend(inner.faults);
        self.left_out.extend(inner.left_out);
        // Objects of a list share their field names, so indexes become `*`.
        let numbered = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let place: Vec<&str> = inner
            .path
            .split('.')
            .map(|part| if numbered(part) { "*" } else { part })
            .collect();
        let place = place.join(".");
        self.unknown
            .extend(inner.object.into_iter().map(|(name, _)| format!("{place}{name}")));
        self.unknown.extend(inner.unknown);
    }

    /// Puts back a nested object, so that its remaining fields can be read later.
    pub fn put_back(&mut self, name: &str, inner: Self) {
        self.faults.extend(inner.faults);
        self.left_out.extend(inner.left_out);
        self.unknown.extend(inner.unknown);
        self.object.insert(name.to_owned(), Value::Object(inner.object));
    }

    /// One of several words.
    pub fn word<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Option<T> {
        let strict = self.strict;
        let text = if strict {
            self.text(name)?
        } else {
            self.line(name)?
        };
        let is_meant = |word: &str| word == text || !strict && word.eq_ignore_ascii_case(text.trim());
        let found = words
            .iter()
            .find(|(word, _)| is_meant(word))
            .map(|(_, value)| *value);
        found.or_else(|| {
            let known = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
            let shown: String = text.chars().take(40).collect();
            self.odd(
                name,
                &format!("The value {shown:?} is not supported. Supported values: {known}."),
            )
        })
    }

    /// Reads an optional change: null clears the field. An absent or omitted value keeps the stored one.
    pub fn patch<T>(&mut self, name: &str, read: impl FnOnce(&mut Self, &str) -> Option<T>) -> Patch<T> {
        let (is_there, left_out) = (self.has(name), self.left_out.len());
        match read(self, name) {
            Some(value) => Patch::Set(value),
            None if is_there && self.left_out.len() == left_out => Patch::Clear,
            None => Patch::Keep,
        }
    }

    /// Whether a field is present, even as null.
    pub fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// Whether a field is present and not null.
    pub fn tells(&self, name: &str) -> bool {
        self.object.get(name).is_some_and(|value| !value.is_null())
    }

    /// Whether a field is an object.
    pub fn is_object(&self, name: &str) -> bool {
        self.object.get(name).is_some_and(Value::is_object)
    }

    /// Whether a field is a text that satisfies a condition.
    pub fn shows(&self, name: &str, what: impl FnOnce(&str) -> bool) -> bool {
        self.object.get(name).and_then(Value::as_str).is_some_and(what)
    }

    pub fn tag_names(&self) -> TagNames {
        self.tags.clone()
    }

    /// Skips fields without reporting them.
    pub fn skip(&mut self, names: &[&str]) {
        for name in names {
            self.object.remove(*name);
        }
    }

    /// Records a value that is left out. The record is kept.
    pub fn leave_out(&mut self, name: &str, reason: &str) {
        self.left_out
            .push((format!("{}{name}", self.path), format!("{reason}{LEFT_OUT}")));
    }

    /// Records an invalid value: it is left out, or rejects the record in strict mode.
    pub fn odd<T>(&mut self, name: &str, reason: &str) -> Option<T> {
        if self.strict {
            return self.fault(name, reason);
        }
        self.leave_out(name, reason);
        None
    }

    /// Records that a list entry is left out because a field is missing, unless a fault is recorded already.
    pub fn lacks(&mut self, name: &str) {
        if self.left_out.is_empty() && self.faults.is_empty() {
            self.odd::<()>(name, MISSING);
        }
    }

    /// Records an invalid value that was replaced. In strict mode, it rejects the record.
    pub fn mend(&mut self, name: &str, reason: &str, instead: &str) {
        if self.strict {
            self.fault::<()>(name, reason);
        } else {
            self.left_out
                .push((format!("{}{name}", self.path), format!("{reason}{instead}")));
        }
    }

    /// Records a fault that rejects the record.
    pub fn fault<T>(&mut self, name: &str, reason: &str) -> Option<T> {
        self.faults
            .push((format!("{}{name}", self.path), reason.to_owned()));
        None
    }

    /// Returns the row with the parts that were left out, or all faults.
    pub fn finish<T>(mut self, row: T) -> RowResult<T> {
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        self.unknown.extend(self.object.into_iter().map(|(name, _)| name));
        Ok(ParsedRow {
            row,
            unknown: self.unknown,
            left_out: self.left_out,
        })
    }

    fn list(&mut self, name: &str) -> Option<Vec<Value>> {
        match self.object.remove(name) {
            None | Some(Value::Null) => None,
            Some(Value::Array(list)) => Some(list),
            Some(_) => self.odd(name, "The value is not a list."),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nested_objects_report_their_path() {
        let value =
            json!({ "attributes": { "emails": [{ "email": [], "mood": 1 }], "shoe": 42 }, "x": null });
        let mut fields = Fields::of(value, false).expect("an object");
        let mut attributes = fields.required_inner("attributes");
        for mut email in attributes.objects("emails").expect("a list") {
            email.required("email");
            attributes.absorb(email);
        }
        fields.absorb(attributes);
        assert_eq!(
            fields.unknown.iter().collect::<Vec<_>>(),
            ["attributes.emails.*.mood", "attributes.shoe"]
        );
        let faults = fields.finish(()).expect_err("a fault");
        assert_eq!(
            faults,
            [(
                "attributes.emails.0.email".to_owned(),
                "The value is not a string.".to_owned()
            )]
        );
    }
}
