//! Summarizes the state of a ticket, so that the messages of an unchanged ticket need not be requested again.
//!
//! The summary must change with each new message. A message count does. The time of the last change does only
//! if a message updates the ticket. Keva's documentation has an example of an open ticket with a message that
//! is later than its last change. A message to a solved or closed ticket reopens it, which is such a change.
//! Without a count, only the summary of a solved or closed ticket therefore shows that it has no new
//! messages.

use serde_json::Value;

/// Statuses in which a new message changes the ticket.
const CLOSED_STATES: [&str; 3] = ["solved", "closed", "resolved"];
/// Maximum length of a stored summary in bytes.
const LENGTH_MAX: usize = 200;

/// The id and the summary of a ticket. The summary is `None` if it cannot show whether the ticket has new
/// messages.
pub fn ticket_version(ticket: &Value) -> Option<(String, Option<String>)> {
    let id = match ticket.get("id")? {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return None,
    };
    let text = |name: &str| ticket.get(name).and_then(Value::as_str);
    let count = ticket.get("messageCount").and_then(Value::as_u64);
    let updated_at = text("updatedAt");
    let status = text("status").unwrap_or_default().trim().to_ascii_lowercase();
    let is_at_rest = CLOSED_STATES.contains(&status.as_str());
    if count.is_none() && !(is_at_rest && updated_at.is_some()) {
        return Some((id, None));
    }
    let count = count.map(|count| count.to_string()).unwrap_or_default();
    let told = format!("{status} {} {count}", updated_at.unwrap_or_default());
    // A truncated summary could be equal for different states.
    Some((id, Some(told).filter(|told| told.len() <= LENGTH_MAX)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_tickets_that_show_new_messages_have_versions() {
        let told = |ticket: Value| ticket_version(&ticket).and_then(|(_, told)| told);
        let solved = json!({ "id": "t", "status": "Solved", "updatedAt": "2026-01-01T00:00:00Z" });
        assert_eq!(told(solved).as_deref(), Some("solved 2026-01-01T00:00:00Z "));
        let counted = json!({ "id": 7, "status": "open", "messageCount": 3 });
        assert_eq!(
            ticket_version(&counted),
            Some(("7".to_owned(), Some("open  3".to_owned())))
        );
        let open = json!({ "id": "t", "status": "open", "updatedAt": "2026-01-01T00:00:00Z" });
        assert_eq!(ticket_version(&open), Some(("t".to_owned(), None)));
        assert_eq!(told(json!({ "id": "t", "status": "closed" })), None);
        assert_eq!(ticket_version(&json!({ "status": "closed" })), None);
        let long = json!({ "id": "t", "status": "closed", "updatedAt": "x".repeat(300) });
        assert_eq!(told(long), None);
    }
}
