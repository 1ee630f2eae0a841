//! Bounds on one record while it is read: on its bytes, and on its number of values in memory.

use std::{
    fmt,
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// Maximum size of a record in bytes: an object of a document or a line, or a row of a table.
pub const RECORD_MAX: u64 = 8 << 20;

/// Maximum number of values in a record. In memory, a value can take 40 times as many bytes as in JSON.
pub const VALUES_MAX: u32 = 100_000;

/// Number of bytes that may still be read.
#[derive(Clone, Debug)]
pub struct Allowance(Arc<AtomicU64>);

impl Allowance {
    /// Sets the number of bytes that may be read from here on.
    pub fn set(&self, bytes: u64) {
        self.0.store(bytes, Ordering::Relaxed);
    }
}

/// A reader that fails when its allowance is exceeded.
#[derive(Debug)]
pub struct Bounded<R> {
    source: R,
    left: Allowance,
}

/// A record is larger than [`RECORD_MAX`].
#[derive(Debug)]
pub struct TooLarge;

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The record is larger than {} MiB.", RECORD_MAX >> 20)
    }
}

impl std::error::Error for TooLarge {}

impl TooLarge {
    /// Whether this error caused an I/O error.
    pub fn is_cause_of(error: &io::Error) -> bool {
        matches!(error.get_ref(), Some(cause) if cause.is::<Self>())
    }
}

impl<R: Read> Bounded<R> {
    /// Wraps a source with an allowance for one record. The caller resets the allowance for each further
    /// record.
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
        // Bytes that are buffered ahead of a record count too, so the bound is accurate to the size of a
        // buffer.
        let left = left
            .checked_sub(read as u64)
            .ok_or_else(|| io::Error::other(TooLarge))?;
        self.left.set(left);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_fails_beyond_its_allowance() {
        let (mut reader, allowance) = Bounded::new(io::repeat(b'x'));
        allowance.set(10);
        let mut buffer = [0; 6];
        assert_eq!(reader.read(&mut buffer).expect("read"), 6);
        let error = reader.read(&mut buffer).expect_err("refused");
        assert!(TooLarge::is_cause_of(&error), "{error}");
        allowance.set(6);
        assert_eq!(reader.read(&mut buffer).expect("read"), 6);
    }
}
