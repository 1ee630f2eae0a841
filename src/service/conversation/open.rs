//! Opens conversations that were snoozed or done.

use entity::{
    Timestamp,
    conversation::{Model, Status},
};

use crate::events::{FieldChanges, NewEvent};

/// Opens the conversation, unless it is open. Answers the event that tells of it.
pub fn reopen(row: &mut Model, now: Timestamp) -> Option<NewEvent> {
    let mut changes = FieldChanges::default();
    changes.set("status", &mut row.status, Status::Open);
    changes.set("snoozedUntil", &mut row.snoozed_until, None);
    if changes.is_empty() {
        return None;
    }
    row.updated_at = now;
    row.version += 1;
    Some(NewEvent::conversation_updated(row, changes))
}
