//! JSON text of a response, charged to the account of the work that writes it.

use std::{io, sync::Arc};

use async_graphql::Value;
use bytes::Bytes;

use crate::budget::{self, Account, Charge};

/// Minimum capacity in bytes.
const MIN_CAPACITY: usize = 64;
/// Capacity in bytes from which a buffer grows by a quarter. Smaller buffers double.
const LARGE: usize = 256 << 10;

/// A buffer for JSON. Memory is charged before it is allocated. When a charge fails, writes have no effect and the
/// work ends.
#[derive(Debug, Default)]
pub struct Json {
    bytes: Vec<u8>,
    /// `None` for text that does not belong to a response.
    charge: Option<Charge>,
    is_over: bool,
}

impl Json {
    /// Creates a buffer that is charged to the running work.
    pub fn new() -> Self {
        Self::charged(budget::current())
    }

    /// Creates a buffer that is charged to an account.
    pub fn of(account: &Arc<Account>) -> Self {
        Self::charged(Some(account.clone()))
    }

    fn charged(account: Option<Arc<Account>>) -> Self {
        let charge = account.map(Charge::none);
        let is_over = charge.as_ref().is_some_and(Charge::is_exceeded);
        Self {
            bytes: Vec::new(),
            charge,
            is_over,
        }
    }

    /// Creates a buffer without a charge, for text that does not belong to a response.
    pub fn free() -> Self {
        Self::default()
    }

    /// Returns true if a charge failed. The text is then incomplete.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// Returns the length in bytes.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Returns true if the buffer is empty.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Returns the bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the text. JSON is valid UTF-8.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap_or_default()
    }

    /// Appends a byte.
    pub fn push(&mut self, byte: u8) {
        if self.has_room(1) {
            self.bytes.push(byte);
        }
    }

    /// Appends bytes.
    pub fn extend_from_slice(&mut self, bytes: &[u8]) {
        if self.has_room(bytes.len()) {
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// Removes all bytes behind a length.
    pub fn truncate(&mut self, length: usize) {
        self.bytes.truncate(length);
    }

    /// Reserves capacity, up to the rest of the limit for a response.
    pub fn reserve(&mut self, more: usize) {
        let max = self.charge.as_ref().map_or(usize::MAX, Charge::answer_max);
        let more = more.min(max.saturating_sub(self.bytes.len()));
        let _ = self.has_room(more);
    }

    /// Frees unused capacity and reduces the charge.
    pub fn shrink_to_fit(&mut self) {
        self.bytes.shrink_to_fit();
        if let Some(charge) = &mut self.charge {
            charge.shrink(self.bytes.capacity());
        }
    }

    /// Converts the text into a value. The charge lasts until the value is dropped.
    pub fn into_value(self) -> Value {
        Value::Binary(self.into())
    }

    fn has_room(&mut self, more: usize) -> bool {
        self.bytes.capacity() - self.bytes.len() >= more || self.grow(more)
    }

    #[cold]
    fn grow(&mut self, more: usize) -> bool {
        let (length, capacity) = (self.bytes.len() + more, self.bytes.capacity());
        let step = if capacity < LARGE { capacity } else { capacity / 4 };
        let max = self.charge.as_ref().map_or(usize::MAX, Charge::answer_max);
        let room = (capacity + step).max(MIN_CAPACITY).min(max).max(length);
        if let Some(charge) = &mut self.charge {
            self.is_over = self.is_over || !charge.grow(length, room);
        }
        if !self.is_over {
            self.bytes.reserve_exact(room - self.bytes.len());
        }
        !self.is_over
    }
}

impl AsRef<[u8]> for Json {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl From<Json> for Bytes {
    fn from(json: Json) -> Self {
        Self::from_owner(json)
    }
}

impl io::Write for Json {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.extend_from_slice(bytes);
        if self.is_over {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::{Budget, Exceeded, Limits};

    #[test]
    fn output_is_charged_before_it_grows_and_bounded() {
        let budget = Budget::new(Limits {
            answer: 1_000,
            viewer: 10_000,
            node: 10_000,
        });
        let account = budget.open(1);
        let mut json = Json::of(&account);
        for _ in 0..100 {
            json.extend_from_slice(b"0123456789");
        }
        assert!(!json.is_over() && json.len() == 1_000);
        assert!(budget.taken() >= 1_000);
        json.reserve(1 << 40);
        assert!(!json.is_over(), "a reservation asks for no more than there is");
        json.push(b'x');
        assert!(json.is_over() && json.len() == 1_000);
        let (found, max) = (1_001, 1_000);
        assert_eq!(account.exceeded(), Some(Exceeded::Answer { found, max }));
        assert!(Json::of(&account).is_over(), "nothing more is written");
        let value = json.into_value();
        assert!(budget.taken() >= 1_000);
        drop(value);
        assert_eq!(budget.taken(), 0);
    }
}
