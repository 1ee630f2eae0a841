//! Bounds on one record while it is read: on its bytes, and on the values that it becomes in memory.

use std::{
    fmt,
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

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
        write!(f, "The record is larger than {} MiB.", RECORD_MAX >> 20)
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
}
