//! Rules of snoozing: a snoozed conversation needs a time in the future.

use entity::{
    Timestamp,
    conversation::{Model, Status},
};

use crate::service::{Services, UserError, UserErrorCode, validate::Checks, wording};

/// Path of errors in the time.
const PATH: [&str; 2] = ["input", "snoozedUntil"];

/// Reports a time that is not in the future.
pub fn check_time(services: &Services, until: Option<Timestamp>, checks: &mut Checks) {
    if until.is_some_and(|until| until <= services.clock.now()) {
        checks.add(UserError::of(UserErrorCode::Invalid, wording::PAST, &PATH));
    }
}

/// Error for a snoozed conversation without a time.
pub fn no_time() -> UserError {
    let why = "is required for a conversation with the status `SNOOZED`.";
    UserError::of(UserErrorCode::Required, why, &PATH)
}

/// Error for a time on a conversation that is not snoozed.
pub fn not_snoozed() -> UserError {
    let why = "can only be set for a conversation with the status `SNOOZED`.";
    UserError::of(UserErrorCode::Invalid, why, &PATH)
}

/// Wakes the task of this node that opens snoozed conversations, so that it takes this one into account.
pub fn tell_if_snoozed(services: &Services, row: &Model) {
    if row.status == Status::Snoozed {
        services.snoozed.notify_one();
    }
}
