//! The number of tokens and the depth of nested brackets, checked in the text of a document before it is parsed.
//!
//! The parser allocates memory for each token, and recurses for each bracket of a value: a few thousand of them
//! overflow the stack, which terminates the process. One pass over the text counts both.

use super::{Bounds, Excess, Limit};

/// The maximum depth of nested brackets. No document of a real client is as deep. It protects the stack, and is not a
/// setting.
pub const BRACKETS_MAX: u64 = 128;

/// The counts of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Text {
    tokens: u64,
    brackets: u64,
}

/// Refuses a text over either bound.
pub fn check(document: &str, bounds: &Bounds) -> Result<(), Excess> {
    let Text { tokens, brackets } = scan(document.as_bytes());
    Excess::over(Limit::Brackets, brackets, BRACKETS_MAX)?;
    Excess::over(Limit::Tokens, tokens, bounds.tokens)
}

/// Counts tokens and brackets. Brackets in strings and comments do not count; comments and commas are not tokens.
fn scan(bytes: &[u8]) -> Text {
    let mut depth = 0;
    let mut text = Text::default();
    for (_, byte) in tokens(bytes) {
        match byte {
            b'{' | b'[' | b'(' => {
                depth += 1;
                text.brackets = text.brackets.max(depth);
            }
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        text.tokens += 1;
    }
    text
}

/// The tokens of a text: the offset and the first byte of each.
pub fn tokens(bytes: &[u8]) -> impl Iterator<Item = (usize, u8)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(byte) = bytes.get(at).copied() {
            let start = at;
            at += 1;
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b',' | 0xEF | 0xBB | 0xBF => continue,
                b'#' => {
                    at = line_end(bytes, start) + 1;
                    continue;
                }
                b'"' => at = string_end(bytes, start) + 1,
                b'.' => at = start + same(bytes, start, |byte| byte == b'.').min(3),
                b'_' | b'a'..=b'z' | b'A'..=b'Z' => {
                    at = start + same(bytes, start, |byte| byte == b'_' || byte.is_ascii_alphanumeric());
                }
                b'-' | b'0'..=b'9' => {
                    at = start
                        + same(bytes, start, |byte| {
                            b"-+.".contains(&byte) || byte.is_ascii_alphanumeric()
                        });
                }
                _ => {}
            }
            return Some((start, byte));
        }
        None
    })
}

/// The number of consecutive bytes of one kind from an offset on, at least one.
fn same(bytes: &[u8], from: usize, is_kind: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter().take_while(|byte| is_kind(**byte)).count().max(1)
}

/// The offset of the last byte of a comment.
fn line_end(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter()
        .position(|byte| matches!(byte, b'\n' | b'\r'))
        .map_or(bytes.len(), |end| from + end)
}

/// The offset of the last byte of a string. A string without an end takes the rest of the text, and the parser refuses it.
fn string_end(bytes: &[u8], from: usize) -> usize {
    let block = bytes.get(from..).is_some_and(|rest| rest.starts_with(b"\"\"\""));
    let mut at = if block { from + 3 } else { from + 1 };
    while let Some(byte) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or_default();
        match byte {
            b'\\' if block && rest.starts_with(b"\\\"\"\"") => at += 3,
            b'\\' if !block => at += 1,
            b'"' if block && rest.starts_with(b"\"\"\"") => return at + 2,
            // A string that is not a block string ends at the end of the line at the latest.
            b'"' | b'\n' | b'\r' if !block => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brackets(document: &str) -> u64 {
        scan(document.as_bytes()).brackets
    }

    fn tokens(document: &str) -> u64 {
        scan(document.as_bytes()).tokens
    }

    #[test]
    fn nested_brackets_of_every_kind_are_counted() {
        for (open, close) in [("[", "]"), ("{b:", "}"), ("(", ")")] {
            let nested = |depth: usize| format!("{{a(x:{}1{})}}", open.repeat(depth), close.repeat(depth));
            assert_eq!(brackets(&nested(100)), 102);
            assert_eq!(brackets(&open.repeat(100_000)), 100_000, "without an end");
        }
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        let many = "[".repeat(500);
        for document in [
            format!("{{ a(x: \"{many}\") }}"),
            format!("{{ a(x: \"\\\"{many}\") }}"),
            format!("{{ a(x: \"\"\"{many}\\\"\"\"{many}\"\"\") }}"),
            format!("# {many}\n{{ a }}"),
            "{ a(x: \"é☃\") } \"".to_owned(),
        ] {
            assert!(brackets(&document) <= 2, "{document}");
        }
        assert_eq!(
            brackets(&format!("# \"\n{many}")),
            500,
            "a quote in a comment begins no string"
        );
        assert_eq!(
            brackets(&format!("{{ a(x: \"\") {many}")),
            501,
            "after an empty string"
        );
    }

    #[test]
    fn tokens_match_the_specification() {
        for (document, count) in [
            ("", 0),
            (" ,,\n\t# nothing { } \n\u{feff}", 0),
            ("{ a }", 3),
            ("{a,b,c}", 5),
            ("query Q($n: Int = -1.5e+3) { a(n: $n) { ...f } }", 23),
            (
                "{ a(x: \"one \\\" token\", y: \"\"\"and \"this\" one\"\"\") }",
                11,
            ),
            ("... ...", 2),
            ("{ é }", 4),
        ] {
            assert_eq!(tokens(document), count, "{document}");
        }
    }

    #[test]
    fn too_many_tokens_are_refused_with_their_number() {
        let bounds = Bounds {
            tokens: 5,
            ..Bounds::default()
        };
        assert_eq!(check("{ a b c }", &bounds), Ok(()));
        let refused = check("{ a b c d }", &bounds).unwrap_err();
        assert_eq!(
            (refused.limit, refused.found, refused.max),
            (Limit::Tokens, Some(6), 5)
        );
    }
}
