//! A position in one workspace's change log, as text.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::WorkspaceId;
use uuid::Uuid;

/// First byte of every cursor: a later form gets another.
const VERSION: u8 = 1;
const LENGTH: usize = 1 + 16 + 8;

/// A position in one workspace's change log. Opaque outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeCursor {
    /// Whose log.
    pub workspace: WorkspaceId,
    /// The position of the event that was seen last.
    pub position: i64,
}

/// The text is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a cursor of the change log")]
pub struct CursorError;

impl fmt::Display for ChangeCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [VERSION; LENGTH];
        bytes[1..17].copy_from_slice(self.workspace.0.as_bytes());
        bytes[17..].copy_from_slice(&self.position.to_be_bytes());
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for ChangeCursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CursorError)?;
        let bytes: [u8; LENGTH] = bytes.try_into().map_err(|_| CursorError)?;
        let [version, rest @ ..] = bytes;
        let (workspace, position) = rest.split_at(16);
        let position = i64::from_be_bytes(position.try_into().map_err(|_| CursorError)?);
        if version != VERSION || position < 0 {
            return Err(CursorError);
        }
        let workspace = WorkspaceId(Uuid::from_slice(workspace).map_err(|_| CursorError)?);
        Ok(Self { workspace, position })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_being_text_and_anything_else_is_refused() {
        let cursor = ChangeCursor {
            workspace: WorkspaceId(Uuid::from_u128(7)),
            position: 42,
        };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        let text = cursor.to_string();
        for wrong in [
            "",
            "x",
            "42",
            &text[1..],
            &format!("{text}A"),
            "☃",
            &text.replace('A', "/"),
        ] {
            assert_eq!(wrong.parse::<ChangeCursor>(), Err(CursorError), "{wrong}");
        }
    }
}
