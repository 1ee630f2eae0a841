//! Lines of complete exports: the change log, and records of erased customers.

use base64::{Engine, prelude::BASE64_STANDARD};
use entity::{change::Model, erased};
use uuid::Uuid;

use super::line::Line;

/// Type of a line of the change log.
pub const CHANGE: &str = "Change";
/// Type of a line with the mark of an erased customer.
pub const MARK: &str = "Erased";

/// The line of an event.
pub fn change(row: &Model) -> Line {
    let id = |id: Option<Uuid>| id.map(|id| id.to_string()).into();
    let line = Line::of(CHANGE)
        .with_json("position", row.position.into())
        .with("name", &row.name)
        .with_json("objectId", id(Some(row.object_id)))
        .with("customerId", &row.customer_id)
        .with("ticketId", &row.ticket_id)
        .with("conversationId", &row.conversation_id)
        .with("actorKind", &row.actor_kind)
        .with_json("actorId", id(row.actor_id))
        .with_json("fields", row.fields.clone().unwrap_or_default())
        .with("internal", &row.internal)
        .with("at", &row.at);
    // Written as text, because a random number of 63 bits exceeds the range of exact JSON numbers.
    if row.epoch == 0 {
        line
    } else {
        line.with_json("epoch", row.epoch.to_string().into())
    }
}

/// The line of a mark.
pub fn mark(row: &erased::Model) -> Line {
    Line::of(MARK)
        .with_json("mark", BASE64_STANDARD.encode(&row.mark).into())
        .with("erasedAt", &row.erased_at)
}
