//! Positions in cursors of the change log.
//!
//! Cursors are opaque to clients. The harness decodes them to check the log: one byte for the version, 16 bytes for
//! the workspace, eight bytes for the position.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

const LENGTH: usize = 1 + 16 + 8;

/// Returns the position in a cursor. `None` if it is not a cursor.
pub fn position(cursor: &str) -> Option<i64> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let bytes: [u8; LENGTH] = bytes.try_into().ok()?;
    let (_, position) = bytes.split_last_chunk()?;
    Some(i64::from_be_bytes(*position))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_valid_cursor_has_a_position() {
        assert_eq!(position("AQGh_YZxE3GRjkUvaZq2UKcAAAAAAAABnA"), Some(412));
        for wrong in ["", "x", "AQGh", "☃"] {
            assert_eq!(position(wrong), None, "{wrong}");
        }
    }
}
