//! The number of values in the JSON of a request, checked before it is parsed. A parsed `0` takes some seventy times as
//! many bytes in memory as in the text. Whole numbers of more than 64 bits are refused, because parsing would round
//! them.

use super::{Bounds, Excess, Limit};

pub fn check(json: &[u8], bounds: &Bounds) -> Result<(), Excess> {
    Excess::over(Limit::Values, count(json), bounds.values)
}

/// Counts values: each one except the first follows a comma or an opening bracket. The count is meaningless for invalid
/// JSON.
fn count(json: &[u8]) -> u64 {
    let (mut count, mut is_text, mut is_escaped) = (1, false, false);
    for byte in json {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            b',' | b'[' | b'{' if !is_text => count += 1,
            _ => {}
        }
    }
    count
}

/// The position of a whole number of more than 64 bits: line and column, in bytes, as in the errors of invalid JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// The line, counted from one.
    pub line: usize,
    /// The column, counted from one.
    pub column: usize,
}

/// Refuses JSON with a whole number of more than 64 bits.
pub fn check_numbers(json: &[u8]) -> Result<(), TooLong> {
    let (mut is_text, mut is_escaped, mut number) = (false, false, None);
    for (at, byte) in json.iter().enumerate() {
        if !is_text && matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E') {
            number.get_or_insert(at);
            continue;
        }
        if let Some(start) = number.take() {
            check_number(json, start, at)?;
        }
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            _ => {}
        }
    }
    number.map_or(Ok(()), |start| check_number(json, start, json.len()))
}

/// Every number with this many digits fits into 64 bits.
const SAFE_DIGITS: usize = 18;

fn check_number(json: &[u8], start: usize, end: usize) -> Result<(), TooLong> {
    let number = json.get(start..end).unwrap_or_default();
    let digits = number.strip_prefix(b"-").unwrap_or(number);
    if digits.len() <= SAFE_DIGITS || !digits.iter().all(u8::is_ascii_digit) {
        return Ok(());
    }
    let text = std::str::from_utf8(number).unwrap_or_default();
    if text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok() {
        return Ok(());
    }
    let before = json.get(..start).unwrap_or_default();
    let mut lines = before.split(|byte| *byte == b'\n');
    let last = lines.next_back().unwrap_or_default();
    Err(TooLong {
        line: lines.count() + 1,
        column: last.len() + 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_except_those_in_strings() {
        for (json, expected) in [
            ("0", 1),
            ("[1,2,3]", 4),
            (r#"{"a":1,"b":[true,null]}"#, 5),
            (r#"{"query":"{ a(b: [1, 2]) { c, d } }"}"#, 2),
            (r#"["\",[{",2]"#, 3),
            (r#"["\\",2]"#, 3),
        ] {
            assert_eq!(count(json.as_bytes()), expected, "{json}");
        }
    }

    #[test]
    fn whole_numbers_of_more_than_64_bits_are_reported_with_their_positions() {
        for json in [
            "18446744073709551615",
            "[-9223372036854775808,1e400,123456789012345678901234567890.5]",
            r#"{"a":"123456789012345678901234567890","b\\"":true}"#,
        ] {
            assert_eq!(check_numbers(json.as_bytes()), Ok(()), "{json}");
        }
        for (json, line, column) in [
            ("18446744073709551616", 1, 1),
            ("{\"a\":\n [1,-9223372036854775809]}", 2, 5),
            (r#"{"\"":123456789012345678901234567890}"#, 1, 7),
        ] {
            assert_eq!(
                check_numbers(json.as_bytes()),
                Err(TooLong { line, column }),
                "{json}"
            );
        }
    }

    #[test]
    fn too_many_are_refused_with_their_number() {
        let bounds = Bounds {
            values: 3,
            ..Bounds::default()
        };
        assert_eq!(check(b"[1,2]", &bounds), Ok(()));
        let refused = check(b"[1,2,3]", &bounds).unwrap_err();
        assert_eq!((refused.found, refused.max), (Some(4), 3));
    }
}
