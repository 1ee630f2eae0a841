//! Reads the objects of a JSON document one at a time. The document is a list, or a response of a REST API.
//!
//! A document is read twice. The first pass validates it and locates its objects, and the second returns them
//! one by one. Each pass holds at most one object in memory, whatever the size of the document.

use std::io::{self, BufRead, BufReader, Read};

use serde_json::{Map, Value};
use struson::reader::{
    JsonReader, JsonStreamReader, ReaderError, ReaderSettings, SyntaxErrorKind, ValueType,
};

use super::{
    bounded::{Allowance, Bounded, RECORD_MAX, TooLarge, VALUES_MAX},
    envelope::Envelope,
    numbers,
};

/// Reason why a document cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The text is not valid JSON. Contains the line and the reason.
    #[error("{1}")]
    NotJson(u64, String),
    /// A bound is exceeded. Contains the line and the bound.
    #[error("{1}")]
    TooLarge(u64, String),
    #[error(transparent)]
    Io(io::Error),
}

impl DocumentError {
    /// Number of the line, from 1.
    pub fn line(&self) -> u64 {
        match self {
            Self::NotJson(line, _) | Self::TooLarge(line, _) => *line,
            Self::Io(_) => 1,
        }
    }
}

/// The location of the objects in a document.
#[derive(Debug)]
pub struct Outline {
    objects: Objects,
    /// The members next to the objects that describe the next page.
    pub beside: Value,
    /// Unknown names of members next to the objects.
    pub unknown: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Objects {
    /// The document is a list of objects.
    List,
    /// The member with this index is a list of objects.
    ListIn(usize),
    /// The member with this index is the only object.
    OneIn(usize),
    /// The document is itself the object.
    Itself,
}

impl Outline {
    /// Reads a whole document and locates its objects.
    pub fn of(source: impl Read, noun: &str) -> Result<Self, DocumentError> {
        let mut text = Text::open(source)?;
        let outline = text.outline(noun)?;
        text.end()?;
        Ok(outline)
    }

    /// Whether the document is a bare list.
    pub fn is_list(&self) -> bool {
        self.objects == Objects::List
    }

    /// Whether the document is a response that contains objects, and not an object itself.
    pub fn is_answer(&self) -> bool {
        matches!(self.objects, Objects::ListIn(_) | Objects::OneIn(_))
    }
}

struct Text<R: Read> {
    reader: JsonStreamReader<BufReader<Bounded<R>>>,
    allowance: Allowance,
    /// Number of bytes before the text.
    skipped: u64,
}

/// Optional UTF-8 byte order mark at the beginning of a document.
const MARK: &[u8] = b"\xef\xbb\xbf";

impl<R: Read> Text<R> {
    fn open(source: R) -> Result<Self, DocumentError> {
        let (bounded, allowance) = Bounded::new(source);
        let mut buffered = BufReader::new(bounded);
        // Some editors write a byte order mark. It is not part of the document.
        let start = buffered.fill_buf().map_err(DocumentError::Io)?;
        let skipped = if start.starts_with(MARK) { MARK.len() } else { 0 };
        buffered.consume(skipped);
        let settings = ReaderSettings {
            track_path: false,
            // Numbers are checked later, so that those that cannot be stored are reported.
            restrict_number_values: false,
            ..ReaderSettings::default()
        };
        Ok(Self {
            reader: JsonStreamReader::new_custom(buffered, settings),
            allowance,
            skipped: skipped as u64,
        })
    }

    fn outline(&mut self, noun: &str) -> Result<Outline, DocumentError> {
        use struson::reader::ValueType::{Array, Object};
        let mut found = Envelope::of(noun);
        let mut kept = Map::new();
        let kind = self.told(JsonReader::peek)?;
        if kind != Object {
            self.skip()?;
            let objects = if kind == Array {
                Objects::List
            } else {
                Objects::Itself
            };
            return Ok(Outline {
                objects,
                beside: Value::Null,
                unknown: Vec::new(),
            });
        }
        self.told(JsonReader::begin_object)?;
        let mut number = 0;
        while self.member()? {
            let name = self.told(JsonReader::next_name_owned)?;
            let kind = self.told(JsonReader::peek)?;
            if Envelope::<Objects>::tells_the_way(&name) {
                kept.insert(name.clone(), self.value()?.0);
            } else {
                self.skip()?;
            }
            let inside = match kind {
                Array => Some(Objects::ListIn(number)),
                Object => Some(Objects::OneIn(number)),
                _ => None,
            };
            found.member(name, inside);
            number += 1;
        }
        self.told(JsonReader::end_object)?;
        let (objects, unknown) = found.open();
        Ok(Outline {
            objects: objects.unwrap_or(Objects::Itself),
            beside: Value::Object(kept),
            unknown,
        })
    }

    /// Whether the current object or list has another member.
    fn member(&mut self) -> Result<bool, DocumentError> {
        self.allowance.set(RECORD_MAX);
        self.told(JsonReader::has_next)
    }

    /// Skips a value of any size.
    fn skip(&mut self) -> Result<(), DocumentError> {
        self.allowance.set(u64::MAX);
        self.told(JsonReader::skip_value)?;
        self.allowance.set(RECORD_MAX);
        Ok(())
    }

    /// Reads a value. Also returns the paths of its numbers that cannot be stored.
    fn value(&mut self) -> Result<(Value, Vec<String>), DocumentError> {
        let mut taken = RecordLimits {
            left: VALUES_MAX,
            inexact: Vec::new(),
        };
        let value = self.any(&mut taken)?;
        Ok((value.unwrap_or_default(), taken.inexact))
    }

    /// Reads a value. `None` for a number that cannot be stored. The reader rejects values that are nested
    /// too deeply.
    fn any(&mut self, taken: &mut RecordLimits) -> Result<Option<Value>, DocumentError> {
        let reason = || format!("The record has more than {VALUES_MAX} values.");
        let left = taken.left.checked_sub(1);
        taken.left = left.ok_or_else(|| DocumentError::TooLarge(self.line(), reason()))?;
        Ok(Some(match self.told(JsonReader::peek)? {
            ValueType::Null => {
                self.told(JsonReader::next_null)?;
                Value::Null
            }
            ValueType::Boolean => Value::Bool(self.told(JsonReader::next_bool)?),
            ValueType::String => Value::String(self.told(JsonReader::next_string)?),
            ValueType::Number => {
                let text = self.told(JsonReader::next_number_as_string)?;
                let Some(number) = numbers::exact(&text) else {
                    return Ok(None);
                };
                Value::Number(number)
            }
            ValueType::Array => self.list(taken)?,
            ValueType::Object => self.object(taken)?,
        }))
    }

    fn list(&mut self, taken: &mut RecordLimits) -> Result<Value, DocumentError> {
        self.told(JsonReader::begin_array)?;
        let mut values = Vec::new();
        for place in 0_usize.. {
            if !self.told(JsonReader::has_next)? {
                break;
            }
            let before = taken.inexact.len();
            let value = self.any(taken)?;
            taken.name(before, value.is_some(), || place.to_string());
            values.extend(value);
        }
        self.told(JsonReader::end_array)?;
        Ok(Value::Array(values))
    }

    fn object(&mut self, taken: &mut RecordLimits) -> Result<Value, DocumentError> {
        self.told(JsonReader::begin_object)?;
        let mut values = Map::new();
        while self.told(JsonReader::has_next)? {
            let name = self.told(JsonReader::next_name_owned)?;
            let before = taken.inexact.len();
            let value = self.any(taken)?;
            taken.name(before, value.is_some(), || name.clone());
            if let Some(value) = value {
                values.insert(name, value);
            }
        }
        self.told(JsonReader::end_object)?;
        Ok(Value::Object(values))
    }

    fn told<T>(
        &mut self,
        read: impl FnOnce(&mut JsonStreamReader<BufReader<Bounded<R>>>) -> Result<T, ReaderError>,
    ) -> Result<T, DocumentError> {
        read(&mut self.reader).map_err(|error| self.trouble(error))
    }

    fn trouble(&self, error: ReaderError) -> DocumentError {
        trouble(error, self.line())
    }

    fn line(&self) -> u64 {
        let place = self.reader.current_position(false).line_pos;
        place.map_or(1, |place| place.line + 1)
    }

    /// Number of bytes that were read.
    fn at(&self) -> u64 {
        let read = self.reader.current_position(false).data_pos;
        self.skipped + read.unwrap_or_default()
    }

    /// Fails if anything follows the document.
    fn end(self) -> Result<(), DocumentError> {
        let line = self.line();
        let ended = self.reader.consume_trailing_whitespace();
        ended.map_err(|error| trouble(error, line))
    }
}

/// State of a record while it is read.
struct RecordLimits {
    /// Number of values that the record may still contain.
    left: u32,
    /// Paths of numbers that cannot be stored.
    inexact: Vec<String>,
}

/// Maximum number of paths that are recorded per record.
const INEXACT_KEPT: usize = 100;

impl RecordLimits {
    /// Prefixes new paths with the name of their container, or records the name of a value that was left out.
    fn name(&mut self, before: usize, is_kept: bool, name: impl Fn() -> String) {
        for path in &mut self.inexact[before..] {
            *path = format!("{}.{path}", name());
        }
        if !is_kept && self.inexact.len() < INEXACT_KEPT {
            self.inexact.push(name());
        }
    }
}

fn trouble(error: ReaderError, line: u64) -> DocumentError {
    match error {
        ReaderError::SyntaxError(error) => {
            let place = error.location.line_pos;
            let (line, column) = place.map_or((line, 1), |place| (place.line + 1, place.column + 1));
            let what = match error.kind {
                SyntaxErrorKind::IncompleteDocument => "the text ends unexpectedly".to_owned(),
                kind => kind.to_string(),
            };
            let reason = format!("The text is not valid JSON: {what}, at line {line}, column {column}.");
            DocumentError::NotJson(line, reason)
        }
        ReaderError::MaxNestingDepthExceeded {
            max_nesting_depth, ..
        } => {
            let reason = format!("The record has more than {max_nesting_depth} nesting levels.");
            DocumentError::TooLarge(line, reason)
        }
        ReaderError::IoError { error, .. } if TooLarge::is_cause_of(&error) => {
            DocumentError::TooLarge(line, TooLarge.to_string())
        }
        ReaderError::IoError { error, .. } if error.kind() == io::ErrorKind::InvalidData => {
            DocumentError::NotJson(line, format!("The text is not valid JSON: {error}."))
        }
        ReaderError::IoError { error, .. } => DocumentError::Io(error),
        error => DocumentError::NotJson(line, format!("The text is not valid JSON: {error}.")),
    }
}

/// One object of a document.
#[derive(Debug)]
pub struct Element {
    /// The object, without numbers that cannot be stored.
    pub value: Value,
    /// Paths of these numbers.
    pub inexact: Vec<String>,
    /// Size of the object in bytes.
    pub bytes: usize,
}

/// The objects of a document, one at a time.
pub struct Elements<R: Read> {
    text: Text<R>,
    left: Remaining,
}

enum Remaining {
    Many,
    One,
    None,
}

impl<R: Read> Elements<R> {
    /// Starts the second pass over a document whose [outline](Outline::of) is known.
    pub fn open(source: R, outline: &Outline) -> Result<Self, DocumentError> {
        let mut text = Text::open(source)?;
        if let Objects::ListIn(number) | Objects::OneIn(number) = outline.objects {
            text.told(JsonReader::begin_object)?;
            for _ in 0..number {
                text.told(JsonReader::skip_name)?;
                text.skip()?;
            }
            text.told(JsonReader::skip_name)?;
        }
        let left = match outline.objects {
            Objects::List | Objects::ListIn(_) => {
                text.told(JsonReader::begin_array)?;
                Remaining::Many
            }
            Objects::Itself | Objects::OneIn(_) => Remaining::One,
        };
        Ok(Self { text, left })
    }

    pub fn next(&mut self) -> Result<Option<Element>, DocumentError> {
        let is_there = match self.left {
            Remaining::Many => self.text.member()?,
            Remaining::One => {
                self.text.allowance.set(RECORD_MAX);
                true
            }
            Remaining::None => false,
        };
        if !is_there {
            return Ok(None);
        }
        if matches!(self.left, Remaining::One) {
            self.left = Remaining::None;
        }
        let before = self.text.at();
        let (value, inexact) = self.text.value()?;
        let bytes = self.text.at().saturating_sub(before);
        Ok(Some(Element {
            value,
            inexact,
            bytes: usize::try_from(bytes).unwrap_or(usize::MAX),
        }))
    }

    /// Number of bytes that were read.
    pub fn at(&self) -> u64 {
        self.text.at()
    }
}
