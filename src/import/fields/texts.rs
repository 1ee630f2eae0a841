//! Reads the texts of an object, each within the bound of its field.

use serde_json::{Map, Value};

use super::{Fields, MISSING, NUL};
use crate::{
    import::spelling,
    service::{
        Patch, SUBJECT_MAX, TAGS_MAX, WORD_MAX,
        custom_fields::{BYTES_MAX, KEY_MAX, settle},
        import::NO_SUBJECT,
    },
};

/// Maximum number of characters of an invalid value that are reported.
pub(super) const SHOWN_MAX: usize = 80;

impl Fields {
    /// A text. Null and absent values are `None`.
    pub fn text(&mut self, name: &str) -> Option<String> {
        match self.object.remove(name) {
            None | Some(Value::Null) => None,
            // The database does not accept NUL characters, neither for lookups nor for writes.
            Some(Value::String(text)) if text.contains('\0') => {
                self.mend(name, NUL, " The character is removed.");
                Some(text.replace('\0', "")).filter(|_| !self.strict)
            }
            Some(Value::String(text)) => Some(text),
            Some(Value::Number(number)) if !self.strict && !number.is_f64() => Some(number.to_string()),
            Some(_) => self.odd(name, "The value is not a string."),
        }
    }

    /// A text that is not blank.
    pub fn line(&mut self, name: &str) -> Option<String> {
        self.text(name).filter(|text| !text.trim().is_empty())
    }

    /// A text of at most `max` characters. A longer text is truncated.
    pub fn cut(&mut self, name: &str, max: usize) -> Option<String> {
        let text = self.line(name)?;
        if self.strict {
            return Some(text);
        }
        match text.char_indices().nth(max) {
            None => Some(text),
            Some((end, _)) => {
                let length = text.chars().count();
                self.mend(
                    name,
                    &format!("The value has {length} characters; the maximum is {max}."),
                    " It is truncated.",
                );
                Some(text[..end].to_owned())
            }
        }
    }

    /// A text of at most `max` characters. A longer text is left out, because a part of it could mean
    /// something else.
    pub fn whole(&mut self, name: &str, max: usize) -> Option<String> {
        let text = self.line(name)?;
        let length = text.chars().count();
        if self.strict || length <= max {
            return Some(text);
        }
        self.odd(
            name,
            &format!("The value has {length} characters; the maximum is {max}."),
        )
    }

    /// The change of a text that is truncated if it is too long.
    pub fn cut_patch(&mut self, name: &str, max: usize) -> Patch<String> {
        self.patch(name, |fields, name| fields.cut(name, max))
    }

    /// The change of a text that is left out if it is too long.
    pub fn whole_patch(&mut self, name: &str, max: usize) -> Patch<String> {
        self.patch(name, |fields, name| fields.whole(name, max))
    }

    /// A list of texts that are not blank and have at most `max` characters. Other entries are left out.
    pub fn texts(&mut self, name: &str, max: usize) -> Option<Vec<String>> {
        let list = self.list(name)?;
        let given = list.len();
        let numbered = (0..).map(|index: usize| index.to_string()).zip(list);
        let mut inner = self.within(name, numbered.collect());
        let texts: Vec<String> = (0..given)
            .filter_map(|index| inner.whole(&index.to_string(), max))
            .collect();
        self.absorb(inner);
        (given == 0 || !texts.is_empty()).then_some(texts)
    }

    /// An expected text, truncated if it is too long, and replaced by `stand_in` if it is missing.
    pub fn or_stand_in(&mut self, name: &str, max: usize, stand_in: &str) -> String {
        if self.strict {
            return self.required(name);
        }
        self.cut(name, max).unwrap_or_else(|| {
            self.mend(name, MISSING, &format!(" {stand_in:?} is used instead."));
            stand_in.to_owned()
        })
    }

    /// The subject of a ticket, which should be present.
    pub fn subject(&mut self, name: &str) -> Option<String> {
        if self.strict {
            return Some(self.required(name));
        }
        let told = self.cut(name, SUBJECT_MAX);
        if told.is_none() {
            let then = format!(" A new ticket gets {NO_SUBJECT:?}; an existing ticket keeps its subject.");
            self.mend(name, MISSING, &then);
        }
        told
    }

    /// The IANA name of a time zone, from the names that other systems use too.
    pub fn timezone(&mut self, name: &str) -> Option<String> {
        if self.strict {
            return self.text(name);
        }
        let text = self.line(name)?;
        spelling::zone(&text).or_else(|| {
            let shown: String = text.chars().take(SHOWN_MAX).collect();
            self.odd(
                name,
                &format!("The value {shown:?} is not the name of a time zone."),
            )
        })
    }

    /// Tags. Entries that cannot be stored are left out.
    pub fn tags(&mut self, name: &str) -> Option<Vec<String>> {
        let list = self.list(name)?;
        if self.strict {
            let texts: Option<Vec<String>> =
                list.iter().map(|item| item.as_str().map(str::to_owned)).collect();
            return match texts {
                Some(texts) if texts.iter().any(|text| text.contains('\0')) => self.odd(name, NUL),
                Some(texts) => Some(texts),
                None => self.odd(name, "The list contains a value that is not a string."),
            };
        }
        let given = list.len();
        let numbered = (0..).map(|index: usize| index.to_string()).zip(list);
        let mut inner = self.within(name, numbered.collect());
        let mut tags: Vec<String> = Vec::new();
        for index in 0..given {
            if let Some(tag) = inner.cut(&index.to_string(), WORD_MAX) {
                let tag = tag.trim();
                if tags.len() <= TAGS_MAX && !tags.iter().any(|other| other == tag) {
                    tags.push(tag.to_owned());
                }
            }
        }
        self.absorb(inner);
        if tags.len() > TAGS_MAX {
            let reason = format!("The list has more than {TAGS_MAX} tags.");
            self.mend(name, &reason, " The others are left out.");
            tags.truncate(TAGS_MAX);
        }
        // If no entry is usable, the stored list remains.
        (given == 0 || !tags.is_empty()).then_some(tags)
    }

    /// Tags that may be given by id. Ids without a known name are left out.
    pub fn tags_by_id(&mut self, name: &str) -> Option<Vec<String>> {
        let list = self.list(name)?;
        let given = list.len();
        let mut known = Vec::with_capacity(given);
        for (index, item) in list.into_iter().enumerate() {
            match item {
                Value::String(id) if is_object_id(&id) => {
                    let label = self.tags.of(&id).or_else(|| {
                        let reason = format!("The tag with the id {id:?} has no known name.");
                        self.odd(&format!("{name}.{index}"), &reason)
                    });
                    known.extend(label.map(Value::String));
                }
                other => known.push(other),
            }
        }
        if known.is_empty() && given > 0 {
            // If no entry is usable, the stored list remains.
            return None;
        }
        self.object.insert(name.to_owned(), Value::Array(known));
        self.tags(name)
    }

    /// Custom fields. Those that cannot be stored are left out.
    pub fn custom_fields(&mut self, name: &str) -> Option<Map<String, Value>> {
        let mut own = self.map(name)?;
        if self.strict {
            return Some(own);
        }
        own.retain(|key, value| {
            let reason = if key.trim().is_empty() || key.contains('\0') || key.chars().count() > KEY_MAX {
                "The field name is empty, too long, or contains a NUL character."
            } else if settle(value) {
                return true;
            } else {
                "The value contains a NUL character, or is nested too deeply."
            };
            self.odd::<()>(&format!("{name}.{key}"), reason);
            false
        });
        let size = |value: &Value| serde_json::to_vec(value).map_or(BYTES_MAX, |json| json.len());
        let mut sizes: Vec<(usize, String)> = own
            .iter()
            // Includes the colon and the comma.
            .map(|(key, value)| (size(value) + size(&key.as_str().into()) + 2, key.clone()))
            .collect();
        sizes.sort_unstable();
        let mut total = 2 + sizes.iter().map(|(size, _)| size).sum::<usize>();
        while total > BYTES_MAX
            && let Some((size, key)) = sizes.pop()
        {
            total -= size;
            own.remove(&key);
            let reason = format!(
                "The value is too large. The maximum for all custom fields together is {BYTES_MAX} bytes."
            );
            self.odd::<()>(&format!("{name}.{key}"), &reason);
        }
        Some(own)
    }
}

/// Whether a text has the form of a Kustomer id: 24 hexadecimal digits.
fn is_object_id(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Fields {
        Fields::of(value, false).expect("an object")
    }

    #[test]
    fn long_texts_are_truncated_and_reported() {
        let mut fields = fields(json!({ "name": "\u{e9}".repeat(12), "phone": "1".repeat(12), "code": 7 }));
        assert_eq!(fields.cut("name", 10), Some("\u{e9}".repeat(10)));
        assert_eq!(fields.whole_patch("phone", 10), Patch::Keep);
        assert_eq!(fields.cut("code", 10).as_deref(), Some("7"));
        let taken = fields.finish(()).expect("a record");
        let told: Vec<_> = taken.left_out.iter().map(|(_, reason)| reason.as_str()).collect();
        assert_eq!(
            told,
            [
                "The value has 12 characters; the maximum is 10. It is truncated.",
                "The value has 12 characters; the maximum is 10. The value is left out."
            ]
        );
    }

    #[test]
    fn invalid_and_excess_tags_are_left_out() {
        let many: Vec<String> = (0..60).map(|n| format!("t{n}")).collect();
        let mut fields = fields(json!({ "a": ["x", "", 7.5, " y "], "b": many, "c": [[]], "d": [] }));
        assert_eq!(fields.tags("a"), Some(vec!["x".to_owned(), "y".to_owned()]));
        assert_eq!(fields.tags("b").map(|tags| tags.len()), Some(TAGS_MAX));
        assert_eq!(fields.patch("c", Fields::tags), Patch::Keep);
        assert_eq!(fields.patch("d", Fields::tags), Patch::Set(Vec::new()));
    }

    #[test]
    fn oversized_and_invalid_custom_fields_are_left_out() {
        let large = "x".repeat(60 << 10);
        let mut fields = fields(json!({ "own": { "a": large, "b": large, "c": 1, "d": "\0", "": 2 } }));
        let own = fields.custom_fields("own").expect("fields");
        assert_eq!(own.keys().collect::<Vec<_>>(), ["a", "c"]);
    }
}
