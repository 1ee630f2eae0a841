//! The one representation of an instant: milliseconds since 1970 in UTC.
//!
//! An integer column sorts, compares and sums the same way on `SQLite` and PostgreSQL. A text column would
//! not, because a fraction changes its length. Two column types would behave in two ways.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use sea_orm::DeriveValueType;

/// Instant with millisecond precision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, DeriveValueType)]
pub struct Timestamp(pub i64);

/// 9999-12-31T23:59:59.999Z, the last instant that RFC 3339 can represent.
const LAST: i64 = 253_402_300_799_999;
/// 0001-01-01T00:00:00Z, the earliest supported instant.
const FIRST: i64 = -62_135_596_800_000;
const DAY: i64 = 86_400_000;

impl Timestamp {
    /// Parses RFC 3339 with any offset. Digits finer than a millisecond are cut off. Returns `None` for any
    /// other text.
    pub fn parse(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text)
            .ok()
            .map(|instant| Self(instant.timestamp_millis()))
            .filter(|instant| (FIRST..=LAST).contains(&instant.0))
    }

    /// Formats the instant as RFC 3339 in UTC with three fractional digits.
    pub fn to_rfc3339(self) -> String {
        self.rfc3339().iter().map(|letter| char::from(*letter)).collect()
    }

    /// Formats the instant as [`Self::to_rfc3339`] does, in ASCII bytes and without an allocation. Lists
    /// contain many instants, and the formatter of the library takes four times as many instructions. Only
    /// the date comes from the library. See ADR 25.
    pub fn rfc3339(self) -> [u8; 24] {
        let instant = self.0.clamp(FIRST, LAST);
        // Days count from January 1 of the year 1, which is day 1.
        let day = i32::try_from((instant - FIRST) / DAY).unwrap_or_default() + 1;
        let date = NaiveDate::from_num_days_from_ce_opt(day).unwrap_or_default();
        let mut text = *b"0000-00-00T00:00:00.000Z";
        // Writes two digits. Each of these numbers has at most two.
        let mut put = |begin: usize, number: u32| {
            text[begin] = b'0' + (number / 10 % 10) as u8;
            text[begin + 1] = b'0' + (number % 10) as u8;
        };
        let year = date.year().unsigned_abs();
        put(0, year / 100);
        put(2, year % 100);
        put(5, date.month());
        put(8, date.day());
        // Less than a day in milliseconds, so the value fits in `u32`.
        let millisecond = u32::try_from((instant - FIRST) % DAY).unwrap_or_default();
        put(11, millisecond / 3_600_000);
        put(14, millisecond / 60_000 % 60);
        put(17, millisecond / 1_000 % 60);
        put(20, millisecond % 1_000 / 10);
        text[22] = b'0' + (millisecond % 10) as u8;
        text
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

    #[test]
    fn instants_are_written_as_the_library_writes_them() {
        let days = (FIRST..LAST).step_by(86_400_000 * 13 + 3_723_457);
        // Every day of one 400-year cycle of the calendar.
        let cycle = (0..146_097).map(|day| FIRST + day * DAY);
        for instant in days
            .chain(cycle)
            .chain([FIRST, -1, 0, 999, 1_709_164_800_000, LAST])
        {
            let library = DateTime::<Utc>::from_timestamp_millis(instant).expect("an instant");
            let library = library.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
            assert_eq!(Timestamp(instant).to_rfc3339(), library);
        }
        assert_eq!(Timestamp(i64::MAX).to_rfc3339(), "9999-12-31T23:59:59.999Z");
        assert_eq!(Timestamp(i64::MIN).to_rfc3339(), "0001-01-01T00:00:00.000Z");
    }
}
