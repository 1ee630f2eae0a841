//! Bounds on one record while it is read: on its bytes, and on the values that it becomes in memory.

use std::{
    cell::Cell,
    fmt,
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Largest record in bytes: an object of a document or a line, a row of a table.
pub const RECORD_MAX: u64 = 8 << 20;

/// Most values in one record. A value takes up to 40 times as many bytes in memory as in JSON.
pub const VALUES_MAX: u32 = 100_000;

/// Bytes that may still be read.
#[derive(Clone, Debug)]
pub struct Allowance(Arc<AtomicU64>);

impl Allowance {
    /// Allows so many from here on.
    pub fn set(&self, bytes: u64) {
        self.0.store(bytes, Ordering::Relaxed);
    }
}

/// Reads no more than it is allowed.
#[derive(Debug)]
pub struct Bounded<R> {
    source: R,
    left: Allowance,
}

/// A record has more bytes than it may have.
#[derive(Debug)]
pub struct TooLarge;

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "has more than {} MiB", RECORD_MAX >> 20)
    }
}

impl std::error::Error for TooLarge {}

impl TooLarge {
    /// Whether this is why something could not be read.
    pub fn is_cause_of(error: &io::Error) -> bool {
        matches!(error.get_ref(), Some(cause) if cause.is::<Self>())
    }
}

impl<R: Read> Bounded<R> {
    /// One record of a source, and what to set for each further one.
    pub fn new(source: R) -> (Self, Allowance) {
        let left = Allowance(Arc::new(AtomicU64::new(RECORD_MAX)));
        let bounded = Self {
            source,
            left: left.clone(),
        };
        (bounded, left)
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        let left = self.left.0.load(Ordering::Relaxed);
        // What is read ahead of a record counts too: the bound is met within the size of a buffer.
        let left = left
            .checked_sub(read as u64)
            .ok_or_else(|| io::Error::other(TooLarge))?;
        self.left.set(left);
        Ok(read)
    }
}

/// Reads a value of JSON that consists of no more than [`VALUES_MAX`] values.
#[derive(Debug)]
pub struct Few<'a>(&'a Cell<u32>);

impl<'a> Few<'a> {
    /// Counts down what is left of them.
    pub fn of(left: &'a Cell<u32>) -> Self {
        Self(left)
    }

    fn again(&self) -> Few<'a> {
        Few(self.0)
    }
}

impl<'de> DeserializeSeed<'de> for Few<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let Some(left) = self.0.get().checked_sub(1) else {
            return Err(D::Error::custom(format!("holds more than {VALUES_MAX} values")));
        };
        self.0.set(left);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Few<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    // Whole numbers beyond 64 bits are kept as JSON's numbers usually are.
    #[expect(
        clippy::cast_precision_loss,
        reason = "that is what a floating point number is"
    )]
    fn visit_i128<E: Error>(self, value: i128) -> Result<Value, E> {
        self.visit_f64(value as f64)
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "that is what a floating point number is"
    )]
    fn visit_u128<E: Error>(self, value: u128) -> Result<Value, E> {
        self.visit_f64(value as f64)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value);
        number
            .map(Value::Number)
            .ok_or_else(|| E::custom("holds a number out of range"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(self.again())? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(name) = object.next_key::<String>()? {
            values.insert(name, object.next_value_seed(self.again())?);
        }
        Ok(Value::Object(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_stops_behind_its_allowance() {
        let (mut reader, allowance) = Bounded::new(io::repeat(b'x'));
        allowance.set(10);
        let mut buffer = [0; 6];
        assert_eq!(reader.read(&mut buffer).expect("read"), 6);
        let error = reader.read(&mut buffer).expect_err("refused");
        assert!(TooLarge::is_cause_of(&error), "{error}");
        allowance.set(6);
        assert_eq!(reader.read(&mut buffer).expect("read"), 6);
    }

    #[test]
    fn a_value_is_read_as_it_is_up_to_its_bound() {
        let text = r#"{"a":[1,-2,2.5,"x",null,true,{}],"b":123456789012345678901234567890}"#;
        let read = |text: &str, most: u32| {
            let left = Cell::new(most);
            Few::of(&left).deserialize(&mut serde_json::Deserializer::from_str(text))
        };
        let whole: Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(read(text, 10).expect("JSON"), whole);
        let error = read(text, 9).expect_err("refused");
        assert!(error.to_string().contains("more than 100000 values"), "{error}");
    }
}
