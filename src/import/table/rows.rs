//! Splits a table into rows and records the line on which each begins. Lines end with LF, CR LF or CR.
//!
//! A quote that is never closed would include every later row. A row over several lines is therefore accepted
//! only if it is plausible. Otherwise its first line is rejected, and the next line begins a new row.

use std::{collections::VecDeque, io::Read};

use crate::import::bounded::{Allowance, Bounded, RECORD_MAX};

/// Maximum number of lines after the first one of a row.
const LINES_MAX: usize = 100;
/// Number of bytes that are read at a time.
const CHUNK: usize = 64 << 10;

#[derive(Debug, PartialEq, Eq)]
pub enum Row {
    /// The line on which the row begins, and the cells.
    Cells(u64, Vec<Vec<u8>>),
    /// The line of a rejected row with an unclosed quote.
    Open(u64),
}

/// A reader of rows.
pub struct Rows<R> {
    source: Bounded<R>,
    allowance: Allowance,
    delimiter: u8,
    buffer: Vec<u8>,
    at: usize,
    ended: bool,
    read: u64,
    number: u64,
    /// Lines that were read ahead.
    ahead: VecDeque<(u64, Vec<u8>)>,
}

impl<R: Read> Rows<R> {
    pub fn new(source: R, delimiter: u8) -> Self {
        let (source, allowance) = Bounded::new(source);
        Self {
            source,
            allowance,
            delimiter,
            buffer: Vec::new(),
            at: 0,
            ended: false,
            read: 0,
            number: 0,
            ahead: VecDeque::new(),
        }
    }

    /// Number of bytes that were read.
    pub fn bytes(&self) -> u64 {
        self.read
    }

    /// Number of the current line.
    pub fn line_number(&self) -> u64 {
        self.number + u64::from(self.ahead.is_empty())
    }

    /// The next row that is not blank, of a table with `columns` columns. `None` at the end.
    pub fn next(&mut self, columns: usize) -> std::io::Result<Option<Row>> {
        let (number, first) = loop {
            match self.line()? {
                None => return Ok(None),
                Some((_, line)) if line.is_empty() => {}
                Some(line) => break line,
            }
        };
        let mut behind = Vec::new();
        let mut bytes = first.len() as u64;
        // Each line is split only once per row. If every line opens a quote, the search for its end already
        // reads the following lines for each of them.
        let mut row = Cells::of(&first, self.delimiter);
        while row.is_quoted {
            let may_go_on = behind.len() < LINES_MAX && bytes <= RECORD_MAX;
            let next = if may_go_on { self.line()? } else { None };
            let Some((line_number, line)) = next else {
                return Ok(Some(self.refuse(number, behind)));
            };
            bytes += line.len() as u64;
            row.go_on(&line);
            behind.push((line_number, line));
        }
        if self.is_swallowed(&behind, columns) {
            return Ok(Some(self.refuse(number, behind)));
        }
        Ok(Some(Row::Cells(number, row.finish())))
    }

    /// Reads a leading line such as `sep=;`, which sets the delimiter.
    pub fn separator(&mut self) -> std::io::Result<()> {
        if let Some((number, line)) = self.line()? {
            match line.strip_prefix(b"sep=") {
                Some([one]) => self.delimiter = *one,
                _ => self.ahead.push_front((number, line)),
            }
        }
        Ok(())
    }

    fn refuse(&mut self, number: u64, behind: Vec<(u64, Vec<u8>)>) -> Row {
        for line in behind.into_iter().rev() {
            self.ahead.push_front(line);
        }
        Row::Open(number)
    }

    /// Whether the lines between the first and the last of a row look like rows of their own.
    fn is_swallowed(&self, behind: &[(u64, Vec<u8>)], columns: usize) -> bool {
        let Some((_, inside)) = behind.split_last() else {
            return false;
        };
        let is_row = |line: &[u8]| Cells::of(line, self.delimiter).finish().len() == columns;
        columns > 2 && inside.len() > 2 && inside.iter().all(|(_, line)| is_row(line))
    }

    /// The next line without its line ending.
    fn line(&mut self) -> std::io::Result<Option<(u64, Vec<u8>)>> {
        if let Some(line) = self.ahead.pop_front() {
            return Ok(Some(line));
        }
        self.allowance.set(RECORD_MAX);
        let mut line = Vec::new();
        loop {
            let left = &self.buffer[self.at..];
            if let Some(end) = left.iter().position(|one| matches!(one, b'\n' | b'\r')) {
                let is_return = left[end] == b'\r';
                line.extend_from_slice(&left[..end]);
                self.at += end + 1;
                if is_return {
                    self.skip_feed()?;
                }
                break;
            }
            line.extend_from_slice(left);
            self.fill()?;
            if self.ended {
                if line.is_empty() {
                    return Ok(None);
                }
                break;
            }
        }
        self.number += 1;
        Ok(Some((self.number, line)))
    }

    /// Skips the LF of CR LF, which may be in the next chunk.
    fn skip_feed(&mut self) -> std::io::Result<()> {
        if self.at == self.buffer.len() {
            self.fill()?;
        }
        if self.buffer.get(self.at) == Some(&b'\n') {
            self.at += 1;
        }
        Ok(())
    }

    fn fill(&mut self) -> std::io::Result<()> {
        self.buffer.resize(CHUNK, 0);
        self.at = 0;
        let read = self.source.read(&mut self.buffer)?;
        self.buffer.truncate(read);
        self.read += read as u64;
        self.ended = read == 0;
        Ok(())
    }
}

/// The cells of a row that has been read partially.
struct Cells {
    delimiter: u8,
    done: Vec<Vec<u8>>,
    cell: Vec<u8>,
    /// Whether a quote is open.
    is_quoted: bool,
}

impl Cells {
    fn of(line: &[u8], delimiter: u8) -> Self {
        let mut cells = Self {
            delimiter,
            done: Vec::new(),
            cell: Vec::new(),
            is_quoted: false,
        };
        cells.read(line, true);
        cells
    }

    /// Continues with the next line inside a quote.
    fn go_on(&mut self, line: &[u8]) {
        self.cell.push(b'\n');
        self.read(line, false);
    }

    fn read(&mut self, line: &[u8], mut begins: bool) {
        let mut bytes = line.iter().copied().peekable();
        while let Some(one) = bytes.next() {
            match one {
                b'"' if self.is_quoted && bytes.peek() == Some(&b'"') => {
                    bytes.next();
                    self.cell.push(b'"');
                }
                b'"' if self.is_quoted => self.is_quoted = false,
                b'"' if begins => self.is_quoted = true,
                one if one == self.delimiter && !self.is_quoted => {
                    self.done.push(std::mem::take(&mut self.cell));
                    begins = true;
                    continue;
                }
                one => self.cell.push(one),
            }
            begins = false;
        }
    }

    fn finish(mut self) -> Vec<Vec<u8>> {
        self.done.push(self.cell);
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Formats each row as its line and cells, or as `open` if it was rejected.
    fn read(text: &str, columns: usize) -> Vec<String> {
        let mut rows = Rows::new(text.as_bytes(), b',');
        let mut seen = Vec::new();
        while let Some(row) = rows.next(columns).expect("read") {
            seen.push(match row {
                Row::Open(line) => format!("{line} open"),
                Row::Cells(line, cells) => {
                    let cells: Vec<_> = cells.iter().map(|cell| String::from_utf8_lossy(cell)).collect();
                    format!("{line} {}", cells.join("|"))
                }
            });
        }
        seen
    }

    #[test]
    fn lines_are_counted_with_each_kind_of_end() {
        let text = "a,b\n1,2\n\n\n\"x\ny\",\"say \"\"hi\"\"\"\n3,4";
        let expected = ["1 a|b", "2 1|2", "5 x\ny|say \"hi\"", "7 3|4"];
        for end in ["\n", "\r\n", "\r"] {
            assert_eq!(read(&text.replace('\n', end), 2), expected, "{end:?}");
        }
    }

    #[test]
    fn an_open_quote_does_not_consume_later_rows() {
        assert_eq!(read("a,b\n1,\"2\n3,4\n", 2), ["1 a|b", "2 open", "3 3|4"]);
        let closed_later = format!("1,\"2,3\n{}7,8\",9\n1,2,3\n", "4,5,6\n".repeat(5));
        let seen = read(&closed_later, 3);
        assert_eq!((seen.len(), seen[0].as_str()), (8, "1 open"));
        assert_eq!(seen[1], "2 4|5|6");
        let long = format!("1,\"{}\",3\n4,5,6\n", "x\n".repeat(200));
        let seen = read(&long, 3);
        assert_eq!((seen[0].as_str(), seen[1].as_str()), ("1 open", "2 x"));
    }

    #[test]
    fn lines_that_each_open_a_quote_are_refused() {
        let seen = read(&"x\",\"z\n".repeat(3_000), 2);
        assert_eq!((seen.len(), seen[0].as_str()), (3_000, "1 open"));
    }

    #[test]
    fn the_first_line_can_name_the_separator() {
        let mut rows = Rows::new("sep=;\r\na;b\r\n".as_bytes(), b',');
        rows.separator().expect("read");
        let cells = vec![b"a".to_vec(), b"b".to_vec()];
        assert_eq!(rows.next(0).expect("read"), Some(Row::Cells(2, cells)));
    }
}
