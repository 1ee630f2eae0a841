//! JSON, written as it comes.

use uuid::Uuid;

use crate::instant;

/// Text of JSON that grows.
#[derive(Debug)]
pub struct Json(Vec<u8>);

impl Json {
    /// One that begins like this.
    pub fn begin(text: &str) -> Self {
        let mut out = Vec::with_capacity(4_096);
        out.extend_from_slice(text.as_bytes());
        Self(out)
    }

    /// Ends it like this.
    pub fn end(mut self, text: &str) -> Vec<u8> {
        self.raw(text);
        self.0
    }

    /// What is JSON already.
    pub fn raw(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    /// A comma, unless this is the first of a list or of an object.
    pub fn next(&mut self) {
        if !matches!(self.0.last(), Some(b'[' | b'{')) {
            self.0.push(b',');
        }
    }

    /// The name of a field; its value comes next.
    pub fn name(&mut self, name: &str) {
        self.next();
        self.0.push(b'"');
        self.raw(name);
        self.raw("\":");
    }

    /// A text or null.
    pub fn text(&mut self, name: &str, text: Option<&str>) {
        self.name(name);
        match text {
            // Writing into memory does not fail.
            Some(text) => drop(serde_json::to_writer(&mut self.0, text)),
            None => self.raw("null"),
        }
    }

    /// A word that needs no escapes, or null.
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

    /// A whole number or null.
    pub fn number(&mut self, name: &str, number: Option<i64>) {
        self.name(name);
        match number {
            Some(number) => drop(serde_json::to_writer(&mut self.0, &number)),
            None => self.raw("null"),
        }
    }

    /// An instant or null.
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

    /// An id.
    pub fn id(&mut self, name: &str, id: Uuid) {
        let mut text = Uuid::encode_buffer();
        self.word(name, Some(id.hyphenated().encode_lower(&mut text)));
    }
}
