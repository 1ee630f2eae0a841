//! The rules of snoozing: until a moment in the future, and never without one.

use entity::{
    Timestamp,
    conversation::{Model, Status},
};

use crate::service::{Services, UserError, UserErrorCode, validate::Checks};

/// Where the moment is given.
const PATH: [&str; 2] = ["input", "snoozedUntil"];

/// Notes a moment that is not in the future.
pub fn check_time(services: &Services, until: Option<Timestamp>, checks: &mut Checks) {
    if until.is_some_and(|until| until <= services.clock.now()) {
        let message = "A conversation can only sleep until a moment in the future.";
        checks.add(UserError::new(UserErrorCode::Invalid, message, &PATH));
    }
}

/// A conversation was to sleep without a moment.
pub fn no_time() -> UserError {
    let message = "A conversation that is SNOOZED needs a moment at which it wakes.";
    UserError::new(UserErrorCode::Required, message, &PATH)
}

/// A moment was given for a conversation that does not sleep.
pub fn not_snoozed() -> UserError {
    let message = "Only a conversation that is SNOOZED sleeps until a moment.";
    UserError::new(UserErrorCode::Invalid, message, &PATH)
}

/// Has this node look when the conversation wakes.
pub fn tell_if_snoozed(services: &Services, row: &Model) {
    if row.status == Status::Snoozed {
        services.snoozed.notify_one();
    }
}
