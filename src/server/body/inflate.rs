//! Stores the bytes of a body and decompresses gzip. Rejects too many bytes before they are stored.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;

use super::{BodyError, memory::BodyReservation};
use crate::server::content::Encoding;

/// Memory of the decompressor in bytes without its output: the window of 32 KiB and buffers.
const DECOMPRESSOR_BYTES: usize = 64 << 10;

/// Reads the parts of a body as they arrive.
pub enum Reader {
    /// Stores the parts unchanged.
    Plain(Sink),
    /// Decompresses the parts.
    Gzip(Box<MultiGzDecoder<Sink>>),
}

/// Stores bytes after reserving memory for them.
pub struct Sink {
    bytes: Vec<u8>,
    reservation: BodyReservation,
    /// Reserved bytes that are not bytes of the body.
    overhead: usize,
    max: usize,
    /// Expected upper bound of the body in bytes.
    expected: usize,
    refused: Option<BodyError>,
}

impl Reader {
    /// A reader that writes to a sink.
    pub fn new(encoding: Encoding, mut sink: Sink) -> Result<Self, BodyError> {
        match encoding {
            Encoding::Plain => Ok(Self::Plain(sink)),
            Encoding::Gzip => {
                sink.overhead = DECOMPRESSOR_BYTES;
                sink.reservation.grow(DECOMPRESSOR_BYTES)?;
                Ok(Self::Gzip(Box::new(MultiGzDecoder::new(sink))))
            }
        }
    }

    /// Reads a part.
    pub fn put(&mut self, part: &[u8]) -> Result<(), BodyError> {
        match self {
            Self::Plain(sink) => sink.put(part),
            Self::Gzip(decoder) => {
                let written = decoder.write_all(part);
                written.map_err(|_| decoder.get_ref().refused.unwrap_or(BodyError::NotGzip))
            }
        }
    }

    /// The bytes of the body and their reservation.
    pub fn finish(self) -> Result<(Vec<u8>, BodyReservation), BodyError> {
        let sink = match self {
            Self::Plain(sink) => sink,
            Self::Gzip(mut decoder) => {
                let finished = decoder.try_finish();
                finished.map_err(|_| decoder.get_ref().refused.unwrap_or(BodyError::NotGzip))?;
                decoder.finish().map_err(|_| BodyError::NotGzip)?
            }
        };
        Ok((sink.bytes, sink.reservation))
    }
}

impl Sink {
    /// A sink for at most `max` bytes, with an expected upper bound.
    pub fn new(reservation: BodyReservation, max: usize, expected: usize) -> Self {
        Self {
            bytes: Vec::new(),
            reservation,
            overhead: 0,
            max,
            expected,
            refused: None,
        }
    }

    fn put(&mut self, part: &[u8]) -> Result<(), BodyError> {
        let length = self.bytes.len().saturating_add(part.len());
        if length > self.max {
            return Err(BodyError::TooLarge(self.max));
        }
        let has = self.reservation.bytes() - self.overhead;
        if length > has {
            // Growing copies the buffer, so its size doubles, but not beyond the expected size.
            let wanted = has.saturating_mul(2).min(self.expected).max(length);
            self.reservation.grow(wanted + self.overhead)?;
            self.bytes.reserve_exact(wanted - self.bytes.len());
        }
        self.bytes.extend_from_slice(part);
        Ok(())
    }
}

impl Write for Sink {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        match self.put(part) {
            Ok(()) => Ok(part.len()),
            Err(refused) => {
                self.refused = Some(refused);
                Err(io::ErrorKind::OutOfMemory.into())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
