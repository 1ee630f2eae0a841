//! One representation of an instant: milliseconds since 1970 in UTC.
//!
//! An integer column sorts, compares and adds up alike on `SQLite` and PostgreSQL; a text column would not (a fraction
//! changes its length), and two types would be two behaviours.

use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::DeriveValueType;

/// An instant, to the millisecond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, DeriveValueType)]
pub struct Timestamp(pub i64);

/// 9999-12-31T23:59:59.999Z: the last instant that RFC 3339 can write.
const LAST: i64 = 253_402_300_799_999;
/// 0001-01-01T00:00:00Z: the first.
const FIRST: i64 = -62_135_596_800_000;

impl Timestamp {
    /// Reads RFC 3339 with any offset; finer than a millisecond is cut off. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|instant| Self(instant.timestamp_millis()))
            .filter(|instant| (FIRST..=LAST).contains(&instant.0))
    }

    /// RFC 3339 in UTC with three digits after the second.
    pub fn to_rfc3339(self) -> String {
        DateTime::<Utc>::from_timestamp_millis(self.0.clamp(FIRST, LAST))
            .unwrap_or_default()
            .to_rfc3339_opts(SecondsFormat::Millis, true)
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(instant: DateTime<Utc>) -> Self {
        Self(instant.timestamp_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_turned_into_utc_and_written_with_milliseconds() {
        let instant = Timestamp::parse("2024-01-15T12:30:00.25+02:00").expect("valid");
        assert_eq!(instant.to_rfc3339(), "2024-01-15T10:30:00.250Z");
        assert_eq!(Timestamp::parse("yesterday"), None);
        assert_eq!(Timestamp::parse("2024-01-15"), None);
    }
}
