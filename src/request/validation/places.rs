//! Lines and columns of a text, both counted from one, columns in characters.
//!
//! The position of each node is looked up, and a document can be one line of a megabyte. One pass over the text fills
//! tables, so that no lookup reads the line.

use async_graphql::Pos;

/// The lines of a text.
#[derive(Debug)]
pub struct Places {
    /// The offset of the first byte of each line.
    lines: Vec<usize>,
    /// The offsets of bytes that continue a character.
    continued: Vec<usize>,
}

impl Places {
    pub fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut places = Self {
            lines: vec![0],
            continued: Vec::new(),
        };
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                // A carriage return and a line feed end one line.
                b'\r' if bytes.get(at + 1) == Some(&b'\n') => {}
                b'\r' | b'\n' => places.lines.push(at + 1),
                0x80..=0xBF => places.continued.push(at),
                _ => {}
            }
        }
        places
    }

    pub fn at(&self, offset: usize) -> Pos {
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines.get(line - 1).copied().unwrap_or_default();
        let before = |end| self.continued.partition_point(|at| *at < end);
        let column = offset - start - (before(offset) - before(start)) + 1;
        Pos { line, column }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_in_three_ways_and_columns_count_characters() {
        let text = "ab\ncd\r\nef\rgé☃h\n\n";
        let places = Places::of(text);
        for (character, line, column) in [
            ('a', 1, 1),
            ('b', 1, 2),
            ('c', 2, 1),
            ('e', 3, 1),
            ('g', 4, 1),
            ('☃', 4, 3),
            ('h', 4, 4),
        ] {
            let at = text.find(character).expect("a character");
            assert_eq!(places.at(at), Pos { line, column }, "{character}");
        }
        assert_eq!(places.at(text.len()), Pos { line: 6, column: 1 }, "the end");
    }
}
