//! Converts rows to JSON, for both databases.

use uuid::Uuid;

use super::json::Json;

const STATUSES: [&str; 4] = ["OPEN", "PENDING", "SOLVED", "CLOSED"];
const PRIORITIES: [&str; 4] = ["LOW", "MEDIUM", "HIGH", "URGENT"];
const DIRECTIONS: [&str; 2] = ["INBOUND", "OUTBOUND"];

/// Columns of a message in a table `m`.
pub const MESSAGE: &str = "m.id, m.body, m.direction, m.created_at";

/// A row with access by column index.
pub trait Cells {
    /// Returns a text. `None` for NULL.
    fn text(&self, place: usize) -> Option<&str>;
    /// Returns JSON text.
    fn json(&self, place: usize) -> &str;
    /// Returns an integer. `None` for NULL.
    fn number(&self, place: usize) -> Option<i64>;
    /// Returns an id. `None` for NULL.
    fn id_or_null(&self, place: usize) -> Option<Uuid>;

    fn id(&self, place: usize) -> Uuid {
        self.id_or_null(place).unwrap_or_default()
    }

    /// Returns the name of an enum value.
    fn word<'a>(&self, place: usize, words: &[&'a str]) -> Option<&'a str> {
        let number = usize::try_from(self.number(place)?).ok()?;
        words.get(number.checked_sub(1)?).copied()
    }
}

/// Writes a customer: id, name and email.
pub fn customer(out: &mut Json, row: &impl Cells, at: usize) {
    out.name("customer");
    out.raw("{");
    customer_fields(out, row, at);
    out.raw("}");
}

/// Writes the fields of a customer into an open object.
pub fn customer_fields(out: &mut Json, row: &impl Cells, at: usize) {
    out.id("id", row.id(at));
    out.text("name", row.text(at + 1));
    out.text("email", row.text(at + 2));
}

/// Writes a message from the columns of [`MESSAGE`].
pub fn message(out: &mut Json, row: &impl Cells, at: usize) {
    out.next();
    out.raw("{");
    out.id("id", row.id(at));
    out.text("body", row.text(at + 1));
    out.word("direction", row.word(at + 2, &DIRECTIONS));
    out.instant("createdAt", row.number(at + 3));
    out.raw("}");
}

/// Writes id, subject, status, priority and createdAt of a ticket into an open object.
pub fn ticket_in_list(out: &mut Json, row: &impl Cells) {
    out.id("id", row.id(0));
    out.text("subject", row.text(1));
    out.word("status", row.word(2, &STATUSES));
    out.word("priority", row.word(3, &PRIORITIES));
    out.instant("createdAt", row.number(4));
}

/// Writes id, subject, status and createdAt of a ticket into an open object.
pub fn ticket_of_customer(out: &mut Json, row: &impl Cells, at: usize) {
    out.id("id", row.id(at));
    out.text("subject", row.text(at + 1));
    out.word("status", row.word(at + 2, &STATUSES));
    out.instant("createdAt", row.number(at + 3));
}

/// Writes a ticket with its customer.
pub fn ticket(out: &mut Json, row: &impl Cells) {
    out.raw("{");
    ticket_in_list(out, row);
    out.text("source", row.text(5));
    out.name("tags");
    out.raw(row.json(6));
    out.instant("updatedAt", row.number(7));
    customer(out, row, 8);
    out.raw("}");
}

/// Writes the twelve fields of a ticket.
pub fn ticket_scalars(out: &mut Json, row: &impl Cells) {
    out.next();
    out.raw("{");
    ticket_in_list(out, row);
    out.text("source", row.text(5));
    out.text("customerEmail", row.text(6));
    out.text("customerName", row.text(7));
    out.text("resolutionType", row.text(8));
    out.number("messageCount", row.number(9));
    out.instant("updatedAt", row.number(10));
    out.instant("resolvedAt", row.number(11));
    out.raw("}");
}

/// Writes a customer with computed fields. Columns: number of tickets, of open and of resolved ones, total resolution
/// time in milliseconds, times of the first and newest ticket; number of scores, their sum, and the sum of the newest
/// five.
pub fn figures(out: &mut Json, row: &impl Cells) {
    let number = |place| row.number(place).unwrap_or(0);
    out.next();
    out.raw("{");
    customer_fields(out, row, 0);
    out.number("totalTickets", row.number(3));
    out.number("openTickets", row.number(4));
    out.number("avgResolutionTime", average_seconds(number(5), number(6)));
    out.instant("firstTicketAt", row.number(7));
    out.instant("lastTicketAt", row.number(8));
    out.word("overallSentiment", overall(number(9), number(10)));
    out.word("sentimentTrend", trend(number(9), number(10), number(11)));
    out.raw("}");
}

/// Returns an average in seconds, rounded half up.
fn average_seconds(count: i64, milliseconds: i64) -> Option<i64> {
    (count > 0).then(|| (2 * milliseconds + 1_000 * count).div_euclid(2_000 * count))
}

fn overall(count: i64, sum: i64) -> Option<&'static str> {
    match sum {
        _ if count == 0 => None,
        _ if sum >= 500 * count => Some("POSITIVE"),
        _ if sum <= -500 * count => Some("NEGATIVE"),
        _ => Some("NEUTRAL"),
    }
}

fn trend(count: i64, sum: i64, newest: i64) -> Option<&'static str> {
    match 2 * newest - sum {
        _ if count < 10 => None,
        2_500.. => Some("IMPROVING"),
        ..=-2_500 => Some("DECLINING"),
        _ => Some("STABLE"),
    }
}
