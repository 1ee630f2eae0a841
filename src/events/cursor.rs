//! Cursors: positions in the change log of a workspace, as text.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::WorkspaceId;
use uuid::Uuid;

use crate::store::change::LogPosition;

/// First byte of a cursor of the first epoch. Such a cursor does not contain the epoch.
const FIRST_EPOCH: u8 = 1;
/// First byte of a cursor that contains its epoch.
const WITH_EPOCH: u8 = 2;
/// Length in bytes: first byte, workspace, position, epoch.
const LENGTH_MAX: usize = 1 + 16 + 8 + 8;

/// A position in the change log of a workspace. Its text is opaque to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeCursor {
    pub workspace: WorkspaceId,
    /// Position of the last event that was seen.
    pub position: i64,
    /// The epoch in which the event was written. 0 for the first.
    pub epoch: i64,
}

/// The text is not a cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a cursor of the change log")]
pub struct CursorError;

impl ChangeCursor {
    /// The cursor of a place in a workspace's log.
    pub fn at(workspace: WorkspaceId, place: LogPosition) -> Self {
        let LogPosition { position, epoch } = place;
        Self {
            workspace,
            position,
            epoch,
        }
    }
}

impl fmt::Display for ChangeCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; LENGTH_MAX];
        bytes[1..17].copy_from_slice(self.workspace.0.as_bytes());
        bytes[17..25].copy_from_slice(&self.position.to_be_bytes());
        bytes[25..].copy_from_slice(&self.epoch.to_be_bytes());
        // The format from before epochs existed, which nodes of earlier versions can read.
        let length = if self.epoch == 0 {
            bytes[0] = FIRST_EPOCH;
            LENGTH_MAX - 8
        } else {
            bytes[0] = WITH_EPOCH;
            LENGTH_MAX
        };
        f.write_str(&URL_SAFE_NO_PAD.encode(&bytes[..length]))
    }
}

impl FromStr for ChangeCursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| CursorError)?;
        let (version, rest) = bytes.split_first().ok_or(CursorError)?;
        let (workspace, rest) = rest.split_at_checked(16).ok_or(CursorError)?;
        let (position, epoch) = rest.split_at_checked(8).ok_or(CursorError)?;
        let number = |bytes: &[u8]| bytes.try_into().map(i64::from_be_bytes).map_err(|_| CursorError);
        let (position, epoch) = match *version {
            FIRST_EPOCH if epoch.is_empty() => (number(position)?, 0),
            WITH_EPOCH => (number(position)?, number(epoch)?),
            _ => return Err(CursorError),
        };
        // Rejects other spellings, so that each cursor has exactly one text.
        if position < 0 || epoch < 0 || (epoch == 0) != (*version == FIRST_EPOCH) {
            return Err(CursorError);
        }
        let workspace = WorkspaceId(Uuid::from_slice(workspace).map_err(|_| CursorError)?);
        Ok(Self {
            workspace,
            position,
            epoch,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(epoch: i64) -> ChangeCursor {
        let workspace = WorkspaceId(Uuid::from_u128(7));
        let place = LogPosition { position: 42, epoch };
        ChangeCursor::at(workspace, place)
    }

    #[test]
    fn only_the_text_form_of_a_cursor_is_accepted() {
        for epoch in [0, 1, i64::MAX] {
            let cursor = cursor(epoch);
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

    #[test]
    fn cursors_of_the_first_epoch_use_the_original_format() {
        let text = "AQAAAAAAAAAAAAAAAAAAAAcAAAAAAAAAKg";
        assert_eq!(cursor(0).to_string(), text);
        assert_eq!(text.parse(), Ok(cursor(0)));
    }

    #[test]
    fn cursors_with_negative_numbers_or_epoch_zero_are_refused() {
        for epoch in [-1, i64::MIN] {
            assert_eq!(
                cursor(epoch).to_string().parse::<ChangeCursor>(),
                Err(CursorError)
            );
        }
        let mut bytes = URL_SAFE_NO_PAD.decode(cursor(1).to_string()).expect("bytes");
        bytes[LENGTH_MAX - 1] = 0;
        let written_out = URL_SAFE_NO_PAD.encode(bytes);
        assert_eq!(written_out.parse::<ChangeCursor>(), Err(CursorError));
    }
}
