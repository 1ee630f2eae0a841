//! Decodes a file from any encoding to UTF-8.

use std::io::{self, Cursor, Read};

use encoding_rs::{Decoder, Encoding, UTF_8};

/// Number of bytes that are decoded at a time.
const CHUNK: usize = 16 << 10;

/// A reader that converts a text to UTF-8.
pub struct Decoded<R> {
    source: io::Chain<Cursor<Vec<u8>>, R>,
    /// `None` if the source is in UTF-8. Invalid bytes are then reported per cell.
    decoder: Option<Decoder>,
    text: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<R: Read> Decoded<R> {
    /// Uses the encoding of the byte order mark, or else the named one, or else UTF-8.
    pub fn open(mut source: R, named: Option<&'static Encoding>) -> io::Result<Self> {
        let mut begin = Vec::new();
        source.by_ref().take(3).read_to_end(&mut begin)?;
        let (encoding, mark) = match Encoding::for_bom(&begin) {
            Some((encoding, mark)) => (encoding, mark),
            None => (named.unwrap_or(UTF_8), 0),
        };
        let begin = Cursor::new(begin.split_off(mark));
        Ok(Self {
            source: begin.chain(source),
            decoder: (encoding != UTF_8).then(|| encoding.new_decoder_without_bom_handling()),
            text: Vec::new(),
            at: 0,
            ended: false,
        })
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(decoder) = &mut self.decoder else {
            return self.source.read(buffer);
        };
        while self.at == self.text.len() && !self.ended {
            let mut bytes = vec![0; CHUNK];
            let read = self.source.read(&mut bytes)?;
            self.ended = read == 0;
            let room = decoder.max_utf8_buffer_length(read);
            self.text.resize(room.unwrap_or(CHUNK * 4), 0);
            let (_, _, written, _) = decoder.decode_to_utf8(&bytes[..read], &mut self.text, self.ended);
            self.text.truncate(written);
            self.at = 0;
        }
        let count = buffer.len().min(self.text.len() - self.at);
        buffer[..count].copy_from_slice(&self.text[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], named: Option<&'static Encoding>) -> String {
        let mut text = String::new();
        let mut decoded = Decoded::open(bytes, named).expect("read");
        decoded.read_to_string(&mut text).expect("a text");
        text
    }

    #[test]
    fn a_byte_order_mark_determines_the_encoding() {
        let text = "na\u{ef}ve\r\n".repeat(9_000);
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(read(&[b"\xff\xfe".to_vec(), little].concat(), None), text);
        assert_eq!(read(&[b"\xfe\xff".to_vec(), big].concat(), None), text);
        assert_eq!(read(b"\xef\xbb\xbfab", None), "ab");
        assert_eq!(read(b"", None), "");
    }

    #[test]
    fn a_named_encoding_is_decoded() {
        let named = Encoding::for_label(b"windows-1252");
        assert_eq!(read(b"Zo\xeb \x96 1", named), "Zo\u{eb} \u{2013} 1");
    }
}
