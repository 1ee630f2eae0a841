//! Positions in cursors of the change log.
//!
//! To a client, a cursor is opaque. Who checks the log must know which position it means: a byte for the version, 16 for
//! the workspace, eight for the position.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

const LENGTH: usize = 1 + 16 + 8;

/// The position that a cursor means; none when it is no cursor.
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
    fn a_cursor_tells_its_position_and_anything_else_none() {
        assert_eq!(position("AQGh_YZxE3GRjkUvaZq2UKcAAAAAAAABnA"), Some(412));
        for wrong in ["", "x", "AQGh", "☃"] {
            assert_eq!(position(wrong), None, "{wrong}");
        }
    }
}
