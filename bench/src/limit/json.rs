//! A JSON writer without checks.

use uuid::Uuid;

use crate::instant;

/// A buffer of JSON text.
#[derive(Debug)]
pub struct Json(Vec<u8>);

impl Json {
    /// Creates a buffer with initial text.
    pub fn begin(text: &str) -> Self {
        let mut out = Vec::with_capacity(4_096);
        out.extend_from_slice(text.as_bytes());
        Self(out)
    }

    /// Appends the final text and returns the bytes.
    pub fn end(mut self, text: &str) -> Vec<u8> {
        self.raw(text);
        self.0
    }

    /// Appends JSON text.
    pub fn raw(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    /// Appends a comma, unless the previous character starts a list or an object.
    pub fn next(&mut self) {
        if !matches!(self.0.last(), Some(b'[' | b'{')) {
            self.0.push(b',');
        }
    }

    pub fn name(&mut self, name: &str) {
        self.next();
        self.0.push(b'"');
        self.raw(name);
        self.raw("\":");
    }

    /// Appends a field with a string or null.
    pub fn text(&mut self, name: &str, text: Option<&str>) {
        self.name(name);
        match text {
            // Writing to memory cannot fail.
            Some(text) => drop(serde_json::to_writer(&mut self.0, text)),
            None => self.raw("null"),
        }
    }

    /// Appends a field with a string that needs no escapes, or null.
    pub fn word(&mut self, name: &str, word: Option<&str>) {
        self.name(name);
        match word {
            Some(word) => {
                self.0.push(b'"');
                self.raw(word);
                self.0.push(b'"');
            }
            None => self.raw("null"),
        }
    }

    /// Appends a field with an integer or null.
    pub fn number(&mut self, name: &str, number: Option<i64>) {
        self.name(name);
        match number {
            Some(number) => drop(serde_json::to_writer(&mut self.0, &number)),
            None => self.raw("null"),
        }
    }

    /// Appends a field with a time or null.
    pub fn instant(&mut self, name: &str, instant: Option<i64>) {
        self.name(name);
        match instant {
            Some(instant) => {
                self.0.push(b'"');
                instant::write(&mut self.0, instant);
                self.0.push(b'"');
            }
            None => self.raw("null"),
        }
    }

    /// Appends a field with an id.
    pub fn id(&mut self, name: &str, id: Uuid) {
        let mut text = Uuid::encode_buffer();
        self.word(name, Some(id.hyphenated().encode_lower(&mut text)));
    }
}
