//! Where the bytes of a body go, packed with gzip or not. What unpacks to too much is refused before it is held.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;

use super::{BodyError, room::Place};
use crate::server::content::Encoding;

/// Bytes that unpacking takes beside what comes out: the window of 32 KiB, and its buffers.
const UNPACKING: usize = 64 << 10;

/// Reads parts as they come.
pub enum Reader {
    /// As they are.
    Plain(Sink),
    /// Unpacked.
    Gzip(Box<MultiGzDecoder<Sink>>),
}

/// Holds bytes in room that was taken for them before.
pub struct Sink {
    bytes: Vec<u8>,
    place: Place,
    /// Bytes that the place has for other things than bytes of the body.
    beside: usize,
    max: usize,
    /// Bytes that there will be at most, as far as that is known.
    expected: usize,
    refused: Option<BodyError>,
}

impl Reader {
    /// One that reads into a sink.
    pub fn new(encoding: Encoding, mut sink: Sink) -> Result<Self, BodyError> {
        match encoding {
            Encoding::Plain => Ok(Self::Plain(sink)),
            Encoding::Gzip => {
                sink.beside = UNPACKING;
                sink.place.grow(UNPACKING)?;
                Ok(Self::Gzip(Box::new(MultiGzDecoder::new(sink))))
            }
        }
    }

    /// Reads a part.
    pub fn put(&mut self, part: &[u8]) -> Result<(), BodyError> {
        match self {
            Self::Plain(sink) => sink.put(part),
            Self::Gzip(packed) => {
                let written = packed.write_all(part);
                written.map_err(|_| packed.get_ref().refused.unwrap_or(BodyError::NotGzip))
            }
        }
    }

    /// What was read, and its place.
    pub fn finish(self) -> Result<(Vec<u8>, Place), BodyError> {
        let sink = match self {
            Self::Plain(sink) => sink,
            Self::Gzip(mut packed) => {
                let finished = packed.try_finish();
                finished.map_err(|_| packed.get_ref().refused.unwrap_or(BodyError::NotGzip))?;
                packed.finish().map_err(|_| BodyError::NotGzip)?
            }
        };
        Ok((sink.bytes, sink.place))
    }
}

impl Sink {
    /// One in a place, for at most so many bytes, of which so many are expected.
    pub fn new(place: Place, max: usize, expected: usize) -> Self {
        Self {
            bytes: Vec::new(),
            place,
            beside: 0,
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
        let has = self.place.bytes() - self.beside;
        if length > has {
            // Memory that grows is copied, so it is doubled; but not beyond what is to come.
            let wanted = has.saturating_mul(2).min(self.expected).max(length);
            self.place.grow(wanted + self.beside)?;
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
