//! Strings in source code.

/// A part of a source file: a string, or any other character.
#[derive(Debug, PartialEq)]
enum Part {
    Text(usize, String),
    Other(char),
}

/// Reads source code into strings, with their lines, and other characters, without comments and white space.
struct Lexer<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Lexer<'a> {
    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.line += taken.matches('\n').count();
        self.rest = rest;
        taken
    }

    /// Takes what is before a mark, and the mark.
    fn take_until(&mut self, mark: &str) -> &'a str {
        match self.rest.find(mark) {
            Some(end) => {
                let taken = self.take(end);
                self.take(mark.len());
                taken
            }
            None => self.take(self.rest.len()),
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        loop {
            if self.rest.starts_with("/*") {
                self.take(2);
                depth += 1;
            } else if self.rest.starts_with("*/") {
                self.take(2);
                depth -= 1;
            } else {
                self.take(self.rest.chars().next().map_or(0, char::len_utf8));
            }
            if depth == 0 || self.rest.is_empty() {
                return;
            }
        }
    }

    /// A string behind its opening quote, in which a backslash hides the next character.
    fn escaped(&mut self) -> String {
        let mut hidden = false;
        let end = self.rest.find(|next| {
            let is_end = next == '"' && !hidden;
            hidden = next == '\\' && !hidden;
            is_end
        });
        let text = self.take(end.unwrap_or(self.rest.len()));
        self.take(self.rest.len().min(1));
        let joined = text.split("\\\n").map(str::trim_start).collect::<Vec<_>>();
        joined.join("").replace("\\n", " ").replace("\\t", " ")
    }

    /// Length of `r#"` at the beginning of what is left, and the mark that ends such a string.
    fn raw(&self) -> Option<(usize, String)> {
        let hashes = self.rest.strip_prefix('r')?;
        let count = hashes.len() - hashes.trim_start_matches('#').len();
        hashes[count..]
            .starts_with('"')
            .then(|| (count + 2, format!("\"{}", "#".repeat(count))))
    }

    /// Length of a character in quotes; none for a lifetime.
    fn character(&self) -> Option<usize> {
        let inside = self.rest.strip_prefix('\'')?;
        let mut all = inside.char_indices();
        match all.next()?.1 {
            '\\' => Some(inside[2..].find('\'')? + 4),
            _ => all.next().filter(|(_, next)| *next == '\'').map(|(at, _)| at + 2),
        }
    }

    fn parts(code: &'a str) -> Vec<Part> {
        let mut lexer = Lexer { rest: code, line: 1 };
        let mut parts = Vec::new();
        while let Some(next) = lexer.rest.chars().next() {
            let line = lexer.line;
            if lexer.rest.starts_with("//") {
                lexer.take_until("\n");
            } else if lexer.rest.starts_with("/*") {
                lexer.block_comment();
            } else if let Some((length, end)) = lexer.raw() {
                lexer.take(length);
                parts.push(Part::Text(line, lexer.take_until(&end).to_owned()));
            } else if next == '"' {
                lexer.take(1);
                parts.push(Part::Text(line, lexer.escaped()));
            } else if let Some(length) = lexer.character() {
                lexer.take(length);
            } else {
                lexer.take(next.len_utf8());
                if !next.is_whitespace() {
                    parts.push(Part::Other(next));
                }
            }
        }
        parts
    }
}

/// The strings of source code with their lines, without those of tests.
pub fn texts(code: &str) -> Vec<(usize, String)> {
    const TEST: &str = "#[cfg(test)]";
    let parts = Lexer::parts(code);
    let mut texts = Vec::new();
    let mut at = 0;
    while at < parts.len() {
        let is_test = TEST
            .chars()
            .enumerate()
            .all(|(offset, mark)| parts.get(at + offset) == Some(&Part::Other(mark)));
        if is_test {
            at += TEST.len() + item(&parts[at + TEST.len()..]);
            continue;
        }
        if let Part::Text(line, text) = &parts[at] {
            texts.push((*line, text.clone()));
        }
        at += 1;
    }
    texts
}

/// How many parts the first item has: up to the end of its block, or its semicolon.
fn item(parts: &[Part]) -> usize {
    let mut depth = 0;
    for (at, part) in parts.iter().enumerate() {
        match part {
            Part::Other('{' | '(' | '[') => depth += 1,
            Part::Other(')' | ']') => depth -= 1,
            Part::Other('}') => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            Part::Other(';') if depth == 0 => return at + 1,
            _ => {}
        }
    }
    parts.len()
}

#[test]
fn strings_are_distinguished_from_comments_and_tests() {
    let code = r##"
        // "a comment"
        /* "a /* nested */ comment" */
        fn f<'a>(x: &'a str) -> char { g("one \"quoted\" \
            text", r#"raw "text" here"#, b"bytes"); '"' }
        #[cfg(test)]
        mod tests { fn t() { g("of a test", "}"); } }
        const LAST: &str = "last";
        #[cfg(test)]
        use a::{b, c};
        const VERY_LAST: char = '\'';
        const VERY_LAST_TEXT: &str = "the end";
    "##;
    let found = texts(code);
    let found: Vec<_> = found.iter().map(|(line, text)| (*line, text.as_str())).collect();
    assert_eq!(
        found,
        [
            (4, "one \\\"quoted\\\" text"),
            (5, "raw \"text\" here"),
            (5, "bytes"),
            (8, "last"),
            (12, "the end"),
        ]
    );
}
