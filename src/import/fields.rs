//! The fields of one JSON object, read one by one; everything that is wrong is noted.

use std::collections::BTreeSet;

use entity::Timestamp;
use serde_json::{Map, Value};

const NUL: &str = "holds a NUL character";

/// What is wrong with a field, by name.
pub type FieldFault = (String, String);

/// The fields of one line.
#[derive(Debug)]
pub struct Fields {
    object: Map<String, Value>,
    faults: Vec<FieldFault>,
}

impl Fields {
    /// The object on a line.
    pub fn parse(line: &[u8]) -> Result<Self, FieldFault> {
        match serde_json::from_slice(line) {
            Ok(Value::Object(object)) => Ok(Self {
                object,
                faults: Vec::new(),
            }),
            Ok(_) => Err((String::new(), "is not a JSON object".to_owned())),
            Err(error) => Err((String::new(), format!("is not JSON: {error}"))),
        }
    }

    /// A text; null and absent are none.
    pub fn text(&mut self, name: &str) -> Option<String> {
        match self.object.remove(name) {
            None | Some(Value::Null) => None,
            // Refused here, before anything is looked for in the database, which takes none.
            Some(Value::String(text)) if text.contains('\0') => self.fault(name, NUL),
            Some(Value::String(text)) => Some(text),
            Some(_) => self.fault(name, "is not a text"),
        }
    }

    /// A text that says something; a blank one is none.
    pub fn line(&mut self, name: &str) -> Option<String> {
        self.text(name).filter(|text| !text.trim().is_empty())
    }

    /// A text that must be there.
    pub fn required(&mut self, name: &str) -> String {
        if self.object.get(name).is_none_or(Value::is_null) {
            return self.fault(name, "is missing").unwrap_or_default();
        }
        self.text(name).unwrap_or_default()
    }

    /// true or false.
    pub fn boolean(&mut self, name: &str) -> Option<bool> {
        match self.object.remove(name) {
            None | Some(Value::Null) => None,
            Some(Value::Bool(value)) => Some(value),
            Some(_) => self.fault(name, "is neither true nor false"),
        }
    }

    /// An instant.
    pub fn instant(&mut self, name: &str) -> Option<Timestamp> {
        let text = self.text(name)?;
        Timestamp::parse(&text).or_else(|| self.fault(name, "is not an instant in RFC 3339"))
    }

    /// A list of texts.
    pub fn texts(&mut self, name: &str) -> Option<Vec<String>> {
        let list = match self.object.remove(name) {
            None | Some(Value::Null) => return None,
            Some(Value::Array(list)) => list,
            Some(_) => return self.fault(name, "is not a list"),
        };
        let texts: Option<Vec<String>> = list.iter().map(|item| item.as_str().map(str::to_owned)).collect();
        match texts {
            Some(texts) if texts.iter().any(|text| text.contains('\0')) => self.fault(name, NUL),
            Some(texts) => Some(texts),
            None => self.fault(name, "holds something that is not a text"),
        }
    }

    /// One of some words.
    pub fn word<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(name)?;
        let found = words
            .iter()
            .find(|(word, _)| *word == text)
            .map(|(_, value)| *value);
        found.or_else(|| {
            let known = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
            let shown: String = text.chars().take(40).collect();
            self.fault(name, &format!("is {shown:?}; known are {known}"))
        })
    }

    /// Whether a field is there at all, even as null.
    pub fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// Everything that was wrong; else the names that nobody asked for.
    pub fn finish(self, computed: &[&str]) -> Result<BTreeSet<String>, Vec<FieldFault>> {
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        Ok(self
            .object
            .into_iter()
            .map(|(name, _)| name)
            .filter(|name| !computed.contains(&name.as_str()))
            .collect())
    }

    fn fault<T>(&mut self, name: &str, reason: &str) -> Option<T> {
        self.faults.push((name.to_owned(), reason.to_owned()));
        None
    }
}
