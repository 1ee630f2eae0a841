//! Reads the lines of a file or of an embedded text one at a time.

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// Maximum length of a line in bytes. Longer lines are skipped and reported.
pub const LINE_MAX: u64 = 8 << 20;

/// Lines, numbered from 1.
pub struct Lines<R> {
    source: R,
    number: u64,
    bytes: u64,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// Number and content of the line.
    Text(u64, Vec<u8>),
    /// Number of a line that is too long.
    TooLong(u64),
}

impl<R: AsyncBufRead + Unpin + Send> Lines<R> {
    pub fn new(source: R) -> Self {
        Self {
            source,
            number: 0,
            bytes: 0,
        }
    }

    /// Number of bytes that were read.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The next line that is not blank.
    pub async fn next(&mut self) -> Result<Option<Line>, std::io::Error> {
        loop {
            let mut line = Vec::new();
            let read = (&mut self.source)
                .take(LINE_MAX)
                .read_until(b'\n', &mut line)
                .await? as u64;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            self.bytes += read;
            if read == LINE_MAX && line.last() != Some(&b'\n') {
                self.skip_rest().await?;
                return Ok(Some(Line::TooLong(self.number)));
            }
            // Byte order marks are removed from every line, because concatenated files contain several.
            let text = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line).trim_ascii();
            if !text.is_empty() {
                return Ok(Some(Line::Text(self.number, text.to_vec())));
            }
        }
    }

    async fn skip_rest(&mut self) -> Result<(), std::io::Error> {
        loop {
            let part = self.source.fill_buf().await?;
            let (used, ended) = match part.iter().position(|byte| *byte == b'\n') {
                Some(at) => (at + 1, true),
                None => (part.len(), part.is_empty()),
            };
            self.source.consume(used);
            self.bytes += used as u64;
            if ended {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn blank_lines_are_counted_but_not_returned() {
        let mut lines = Lines::new("\u{feff}a\n\n  \r\nb\r\n\u{feff}c".as_bytes());
        let mut seen = Vec::new();
        while let Some(line) = lines.next().await.expect("read") {
            seen.push(line);
        }
        let text = |number, text: &str| Line::Text(number, text.as_bytes().to_vec());
        assert_eq!(seen, [text(1, "a"), text(4, "b"), text(5, "c")]);
    }

    #[tokio::test]
    async fn oversized_lines_are_skipped() {
        let long = "x".repeat(usize::try_from(LINE_MAX).expect("fits") + 5);
        let source = format!("{long}\nb\n");
        let mut lines = Lines::new(source.as_bytes());
        assert_eq!(lines.next().await.expect("read"), Some(Line::TooLong(1)));
        assert_eq!(
            lines.next().await.expect("read"),
            Some(Line::Text(2, b"b".to_vec()))
        );
    }
}
