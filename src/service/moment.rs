//! The instant of a write: that of the clock, and never before what the rows that it changes tell of themselves.
//!
//! A machine's clock can be set back, clocks of nodes differ, and imports bring in times of systems whose clocks are ahead.
//! Use cases that change customers, tickets and conversations, or write messages, take their instant from here.

use entity::{Timestamp, conversation, customer, ticket};

use super::Services;

/// A row that tells when it changed.
pub trait Dated: Sync {
    /// The latest of its instants that lie in the past by their meaning.
    fn latest(&self) -> Timestamp;
}

impl Dated for customer::Model {
    fn latest(&self) -> Timestamp {
        self.created_at.max(self.updated_at)
    }
}

impl Dated for ticket::Model {
    fn latest(&self) -> Timestamp {
        let told = self.resolved_at.max(self.last_message_at).unwrap_or_default();
        self.created_at.max(self.updated_at).max(told)
    }
}

impl Dated for conversation::Model {
    fn latest(&self) -> Timestamp {
        let told = self.last_message_at.unwrap_or_default();
        self.created_at.max(self.updated_at).max(told)
    }
}

impl<D: Dated> Dated for Option<D> {
    fn latest(&self) -> Timestamp {
        self.as_ref().map_or(Timestamp(i64::MIN), Dated::latest)
    }
}

/// The instant of a write that changes these rows.
pub fn moment(services: &Services, rows: &[&dyn Dated]) -> Timestamp {
    let latest = rows.iter().map(|row| row.latest()).max();
    services.clock.now().max(latest.unwrap_or_default())
}

/// The instant of a message that is added behind the newest one of its thread. Lists sort by it: where the clock is behind
/// the newest message, the ids that it gives may be behind too, and the same instant would not be enough.
pub fn moment_behind(services: &Services, newest: Option<Timestamp>, rows: &[&dyn Dated]) -> Timestamp {
    let now = moment(services, rows);
    match newest {
        Some(newest) if services.clock.now() < newest => now.max(Timestamp(newest.0 + 1)),
        _ => now,
    }
}
