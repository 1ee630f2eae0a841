//! Instant of a write: the time of the clock, but never earlier than the instants in the rows that it
//! changes.
//!
//! The clock of a machine can be set back, the clocks of nodes differ, and imports contain times of systems
//! whose clocks are ahead. Use cases that change customers, tickets and conversations, or that write
//! messages, take their instant from here.

use entity::{Timestamp, conversation, customer, ticket};

use super::Services;

/// Row with instants of its changes.
pub trait Dated: Sync {
    /// Returns the latest of its instants that mean a time in the past.
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

/// Returns the instant of a write that changes these rows.
pub fn moment(services: &Services, rows: &[&dyn Dated]) -> Timestamp {
    let latest = rows.iter().map(|row| row.latest()).max();
    services.clock.now().max(latest.unwrap_or_default())
}

/// Returns the instant of a message after the newest one of its thread. Lists sort by it. If the clock is
/// behind the newest message, new ids can sort before that of the newest message too, so an equal instant is
/// not enough.
pub fn moment_behind(services: &Services, newest: Option<Timestamp>, rows: &[&dyn Dated]) -> Timestamp {
    let now = moment(services, rows);
    match newest {
        Some(newest) if services.clock.now() < newest => now.max(Timestamp(newest.0 + 1)),
        _ => now,
    }
}
