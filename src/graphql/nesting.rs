//! How deep the brackets of a document lie in one another.
//!
//! Looked at before the document is parsed: the parser goes down one call for each bracket of a value, and a few
//! thousand of them end the stack, and with it the process.

/// Deeper than any document that a person or a client writes.
pub const NESTING_MAX: usize = 128;

/// Whether brackets lie deeper than [`NESTING_MAX`]. One pass over the text; brackets in strings and comments do not
/// count.
pub fn is_too_deep(document: &str) -> bool {
    let bytes = document.as_bytes();
    let (mut at, mut depth) = (0, 0usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' | b'(' => {
                depth += 1;
                if depth > NESTING_MAX {
                    return true;
                }
            }
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            b'#' => at = after_line(bytes, at),
            b'"' => at = after_string(bytes, at),
            _ => {}
        }
        at += 1;
    }
    false
}

/// The last byte of a comment.
fn after_line(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter()
        .position(|byte| matches!(byte, b'\n' | b'\r'))
        .map_or(bytes.len(), |end| from + end)
}

/// The last byte of a string. One that does not end takes the rest: the parser will refuse it.
fn after_string(bytes: &[u8], from: usize) -> usize {
    let block = bytes.get(from..).is_some_and(|rest| rest.starts_with(b"\"\"\""));
    let mut at = if block { from + 3 } else { from + 1 };
    while let Some(byte) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or_default();
        match byte {
            b'\\' if block && rest.starts_with(b"\\\"\"\"") => at += 3,
            b'\\' if !block => at += 1,
            b'"' if block && rest.starts_with(b"\"\"\"") => return at + 2,
            // A string in one pair of quotes ends with its line at the latest.
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

    #[test]
    fn deep_brackets_of_every_kind_are_seen() {
        for (open, close) in [("[", "]"), ("{b:", "}"), ("(", ")")] {
            let nested = |depth: usize| format!("{{a(x:{}1{})}}", open.repeat(depth), close.repeat(depth));
            assert!(!is_too_deep(&nested(100)));
            assert!(is_too_deep(&nested(200)));
            assert!(is_too_deep(&open.repeat(100_000)), "without an end");
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
            assert!(!is_too_deep(&document), "{document}");
        }
        assert!(
            is_too_deep(&format!("# \"\n{many}")),
            "a quote in a comment begins no string"
        );
        assert!(
            is_too_deep(&format!("{{ a(x: \"\") {many}")),
            "after an empty string"
        );
    }
}
