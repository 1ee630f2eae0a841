//! How many values the JSON of a request may hold, before any of it is read: as a value in memory, a `0` takes some
//! seventy times the bytes that it was sent with.

use super::{Bounds, Excess, Limit};

/// Refuses a text that holds too many.
pub fn check(json: &[u8], bounds: &Bounds) -> Result<(), Excess> {
    Excess::over(Limit::Values, count(json), bounds.values)
}

/// Each value but the first stands behind a comma or an opening bracket. What is no JSON has any number.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_and_those_in_texts_are_not() {
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
