//! Replaces incomplete surrogate pairs in JSON: an escape such as `\ud83d` without its second half. Programs
//! that truncate texts produce them. No Unicode text can contain one, and JSON parsers reject the whole
//! document.

use std::{
    collections::VecDeque,
    io::{self, Read},
    sync::Arc,
};

use parking_lot::Mutex;

/// Replacement for an incomplete pair: U+FFFD, whose escape has the same length.
const REPLACEMENT: &[u8; 6] = b"\\ufffd";
/// Maximum number of stored positions.
const KEPT: usize = 100_000;
/// Length of two escapes.
const PAIR: usize = 12;
/// Number of bytes that are read at a time.
const CHUNK: usize = 64 << 10;

/// Replaces each incomplete pair with U+FFFD. Returns their positions.
pub fn replace_surrogates(text: &mut [u8]) -> LoneSurrogates {
    let mut places = Vec::new();
    scan(text, true, &mut places);
    let surrogates = LoneSurrogates::default();
    surrogates.note(0, &places);
    surrogates
}

/// The message for a number of replacements.
pub fn describe(count: u64) -> String {
    match count {
        1 => "An incomplete surrogate pair was read as U+FFFD.".to_owned(),
        count => format!("{count} incomplete surrogate pairs were read as U+FFFD."),
    }
}

/// Byte positions of replacements, until they are assigned to records. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct LoneSurrogates(Arc<Mutex<VecDeque<(u64, u64)>>>);

impl LoneSurrogates {
    fn note(&self, start: u64, places: &[usize]) {
        let mut noted = self.0.lock();
        for place in places {
            let place = start + *place as u64;
            // Skipped parts of a document can contain any number of them, so further ones are only counted.
            let is_full = noted.len() >= KEPT;
            match noted.back_mut() {
                Some((_, count)) if is_full => *count += 1,
                _ => noted.push_back((place, 1)),
            }
        }
    }

    /// Number of replacements before a position that were not returned by earlier calls.
    pub fn before(&self, place: u64) -> u64 {
        let mut noted = self.0.lock();
        let mut count = 0;
        while let Some((_, some)) = noted.pop_front_if(|(at, _)| *at < place) {
            count += some;
        }
        count
    }
}

/// Replaces incomplete pairs and records their positions. Returns the length of the scanned text. An escape
/// that may continue after the end of the text is left for the next call.
fn scan(text: &mut [u8], is_end: bool, surrogates: &mut Vec<usize>) -> usize {
    let mut at = 0;
    while let Some(behind) = text[at..].iter().position(|one| *one == b'\\') {
        at += behind;
        let rest = &text[at..];
        if rest.len() < PAIR && !is_end {
            return at;
        }
        let has_low = || {
            let low = rest.get(REPLACEMENT.len()..).and_then(unit);
            low.is_some_and(|low| (0xdc00..=0xdfff).contains(&low))
        };
        let length = match unit(rest) {
            // Another escape, possibly of the backslash itself.
            None => 2,
            Some(0xd800..=0xdbff) if has_low() => PAIR,
            Some(0xd800..=0xdfff) => {
                text[at..at + REPLACEMENT.len()].copy_from_slice(REPLACEMENT);
                surrogates.push(at);
                REPLACEMENT.len()
            }
            Some(_) => REPLACEMENT.len(),
        };
        at = (at + length).min(text.len());
    }
    text.len()
}

/// The code unit of an escape at the beginning of a text.
fn unit(text: &[u8]) -> Option<u16> {
    let digits = text.strip_prefix(b"\\u")?.get(..4)?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// A JSON reader that replaces each incomplete pair with U+FFFD.
#[derive(Debug)]
pub struct SurrogateReplacer<R> {
    source: R,
    buffer: Vec<u8>,
    at: usize,
    /// Number of bytes of the buffer that were scanned.
    ready: usize,
    /// Number of bytes before the buffer.
    start: u64,
    surrogates: LoneSurrogates,
}

impl<R: Read> SurrogateReplacer<R> {
    /// Records the positions of replacements in `surrogates`.
    pub fn new(source: R, surrogates: &LoneSurrogates) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            at: 0,
            ready: 0,
            start: 0,
            surrogates: surrogates.clone(),
        }
    }
}

impl<R: Read> Read for SurrogateReplacer<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.ready {
            self.buffer.drain(..self.ready);
            self.start += self.ready as u64;
            (self.at, self.ready) = (0, 0);
            let kept = self.buffer.len();
            self.buffer.resize(kept + CHUNK, 0);
            let read = self.source.read(&mut self.buffer[kept..])?;
            self.buffer.truncate(kept + read);
            let mut places = Vec::new();
            self.ready = scan(&mut self.buffer, read == 0, &mut places);
            self.surrogates.note(self.start, &places);
            if read == 0 && self.ready == 0 {
                return Ok(0);
            }
        }
        let length = out.len().min(self.ready - self.at);
        out[..length].copy_from_slice(&self.buffer[self.at..self.at + length]);
        self.at += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASES: [(&str, &str, u64); 7] = [
        (r#"{"a":"x \ud83d y"}"#, r#"{"a":"x \ufffd y"}"#, 1),
        (r#"["\ud83d\ude00"]"#, r#"["\ud83d\ude00"]"#, 0),
        (r#"["\ude00\ud83d"]"#, r#"["\ufffd\ufffd"]"#, 2),
        (r#"["\\ud83d","\u00e9"]"#, r#"["\\ud83d","\u00e9"]"#, 0),
        (r#"["\ud83d\ud83d\ude00"]"#, r#"["\ufffd\ud83d\ude00"]"#, 1),
        (r#"["\ud8"#, r#"["\ud8"#, 0),
        ("", "", 0),
    ];

    #[test]
    fn each_lone_surrogate_becomes_one_character() {
        for (text, expected, count) in CASES {
            let mut bytes = text.as_bytes().to_vec();
            assert_eq!(replace_surrogates(&mut bytes).before(u64::MAX), count, "{text}");
            assert_eq!(bytes, expected.as_bytes(), "{text}");
        }
    }

    /// Returns one byte per call, so that escapes cross the border of two reads.
    struct Slow<'a>(&'a [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else {
                return Ok(0);
            };
            out[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[test]
    fn surrogates_are_replaced_across_read_boundaries() {
        for (text, expected, count) in CASES {
            let surrogates = LoneSurrogates::default();
            let mut read = String::new();
            let mut mended = SurrogateReplacer::new(Slow(text.as_bytes()), &surrogates);
            mended.read_to_string(&mut read).expect("a text");
            assert_eq!(
                (read.as_str(), surrogates.before(u64::MAX)),
                (expected, count),
                "{text}"
            );
        }
    }

    #[test]
    fn surrogates_are_counted_up_to_an_offset() {
        let surrogates = replace_surrogates(&mut br#"["\ud83d","\ude00"]"#.to_vec());
        assert_eq!(
            [
                surrogates.before(2),
                surrogates.before(5),
                surrogates.before(9),
                surrogates.before(99)
            ],
            [0, 1, 0, 1]
        );
    }
}
