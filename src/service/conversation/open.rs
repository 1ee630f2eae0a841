//! Opens snoozed and done conversations.

use entity::{
    Timestamp,
    conversation::{Model, Status},
};

use crate::events::{FieldChanges, NewEvent};

/// Opens a conversation that is not open and returns the event of the change.
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
