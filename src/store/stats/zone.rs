//! Periods of time in a time zone: as expressions, and as the times at which they begin.
//!
//! The expressions contain the offsets of the zone as literals, so that both databases compute with the same zone data.

use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use entity::Timestamp;

use crate::store::dialect::Dialect;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// Milliseconds from the beginning of the year 1, a Monday, to 1970. Added to an instant, they make it positive, so
/// that integer division rounds down.
const SHIFT: i64 = 719_162 * DAY;
/// First instant whose offset is read: the beginning of 2000. Earlier instants have the offset of this one.
const FIRST: i64 = 946_684_800_000;
/// Milliseconds after now until which offsets are read.
const AHEAD: i64 = 366 * DAY;

/// Length of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// Hour of the clock.
    Hour,
    /// Day from midnight.
    Day,
    /// Week from Monday.
    Week,
    /// Calendar month.
    Month,
}

/// A time zone with its offsets from 2000 until a year from now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    offsets: Vec<OffsetStart>,
}

/// An offset and the instant from which it applies, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct OffsetStart {
    from: i64,
    offset: i64,
}

impl Zone {
    /// Returns the zone with an IANA name. `None` if there is no such zone.
    pub fn named(name: &str, now: Timestamp) -> Option<Self> {
        let zone = Tz::from_str(name).ok()?;
        let mut offsets = vec![OffsetStart {
            from: FIRST,
            offset: offset_at(zone, FIRST)?,
        }];
        let end = now.0.max(FIRST).saturating_add(AHEAD);
        let (mut from, mut offset) = (FIRST, offsets[0].offset);
        while from < end {
            let next = from + DAY;
            let then = offset_at(zone, next)?;
            if then != offset {
                let from = change_between(zone, from, next)?;
                offsets.push(OffsetStart { from, offset: then });
                offset = then;
            }
            from = next;
        }
        Some(Self { offsets })
    }

    /// Expression for the period that contains the instant in `column`, null without an instant.
    pub fn period_of(&self, column: &str, period: Period, dialect: Dialect) -> String {
        match period {
            // An hour is identified by its beginning in UTC: the hour that the clocks repeat is two periods.
            Period::Hour => self.by_offset(
                |offset| {
                    let shift = SHIFT + offset.rem_euclid(HOUR);
                    format!("({column} + {shift}) / {HOUR} * {HOUR} - {shift}")
                },
                column,
            ),
            Period::Day => self.by_offset(
                |offset| format!("({column} + {}) / {DAY}", offset + SHIFT),
                column,
            ),
            Period::Week => self.by_offset(
                |offset| format!("({column} + {}) / {}", offset + SHIFT, 7 * DAY),
                column,
            ),
            Period::Month => {
                let local = self.by_offset(|offset| format!("{column} + {}", offset + SHIFT), column);
                dialect.month(column, &format!("(({local}) / 1000 - {})", SHIFT / 1000))
            }
        }
    }

    /// Expression with the part for the offset of each instant, the newest first.
    fn by_offset(&self, part: impl Fn(i64) -> String, column: &str) -> String {
        let mut parts: Vec<(i64, String)> = Vec::new();
        for one in &self.offsets {
            let part = part(one.offset);
            if parts.last().is_none_or(|(_, last)| *last != part) {
                parts.push((one.from, part));
            }
        }
        let (_, first) = parts.remove(0);
        if parts.is_empty() {
            return first;
        }
        let cases: Vec<String> = parts
            .iter()
            .rev()
            .map(|(from, part)| format!("WHEN {column} >= {from} THEN {part}"))
            .collect();
        format!("CASE {} ELSE {first} END", cases.join(" "))
    }

    /// Returns the beginning of a period that [`Self::period_of`] computed as a number.
    pub fn start_of(&self, period: Period, number: i64) -> Timestamp {
        Timestamp(match period {
            Period::Hour => number,
            Period::Week => self.utc(number * 7 * DAY - SHIFT),
            Period::Day | Period::Month => self.utc(number * DAY - SHIFT),
        })
    }

    /// Returns the beginning of a month, such as `2026-01`. `None` for another text.
    pub fn start_of_month(&self, month: &str) -> Option<Timestamp> {
        let (year, month) = month.split_once('-')?;
        let first = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1)?;
        Some(self.start_of_day(first))
    }

    fn start_of_day(&self, day: NaiveDate) -> Timestamp {
        let days = i64::from(day.num_days_from_ce()) - 1;
        self.start_of(Period::Day, days)
    }

    /// Returns the first instant at which the clocks show this time or, if they skip it, a later one.
    fn utc(&self, local: i64) -> i64 {
        let mut ends = self.offsets.iter().skip(1).map(|next| next.from);
        for (place, one) in self.offsets.iter().enumerate() {
            let end = ends.next().unwrap_or(i64::MAX);
            let instant = local - one.offset;
            if instant < end {
                return if place == 0 {
                    instant
                } else {
                    instant.max(one.from)
                };
            }
        }
        local
    }
}

/// Offset of a zone at an instant, in milliseconds. `None` for an instant that no calendar has.
fn offset_at(zone: Tz, instant: i64) -> Option<i64> {
    let utc = DateTime::<Utc>::from_timestamp_millis(instant)?.naive_utc();
    let offset = zone.offset_from_utc_datetime(&utc).fix();
    Some(i64::from(offset.local_minus_utc()) * 1000)
}

/// Returns the instant at which the offset changes between two instants with different offsets.
fn change_between(zone: Tz, mut before: i64, mut after: i64) -> Option<i64> {
    let offset = offset_at(zone, after)?;
    while after - before > 1000 {
        // Offsets change at whole seconds.
        let middle = before + (after - before) / 2000 * 1000;
        if offset_at(zone, middle)? == offset {
            after = middle;
        } else {
            before = middle;
        }
    }
    Some(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_767_268_800_000);

    fn zone(name: &str) -> Zone {
        Zone::named(name, NOW).expect("a zone")
    }

    fn instant(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("an instant")
    }

    #[test]
    fn every_zone_has_its_offset_at_every_instant() {
        for known in chrono_tz::TZ_VARIANTS {
            let zone = zone(known.name());
            for instant in (FIRST..NOW.0 + AHEAD - DAY).step_by(7 * 86_400_000 + 3_599_000) {
                let found = zone.offsets.iter().rev().find(|one| one.from <= instant);
                let found = found.map(|one| one.offset);
                assert_eq!(found, offset_at(known, instant), "{known} {instant}");
            }
            for one in &zone.offsets[1..] {
                assert_eq!(offset_at(known, one.from), Some(one.offset), "{known}");
                assert_ne!(offset_at(known, one.from - 1000), Some(one.offset), "{known}");
            }
        }
        assert_eq!(Zone::named("Mars/Olympus", NOW), None);
        assert_eq!(Zone::named("europe/berlin", NOW), None);
    }

    #[test]
    fn a_period_begins_when_the_clocks_show_it_first() {
        for (name, day, expected) in [
            ("UTC", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
            ("Europe/Berlin", "2025-07-01T00:00:00Z", "2025-06-30T22:00:00Z"),
            ("Europe/Berlin", "2025-10-26T00:00:00Z", "2025-10-25T22:00:00Z"),
            // The clocks skip the first hour of the day.
            (
                "America/Sao_Paulo",
                "2018-11-04T00:00:00Z",
                "2018-11-04T03:00:00Z",
            ),
            // The clocks repeat the first hour of the day.
            ("America/Havana", "2025-11-02T00:00:00Z", "2025-11-02T04:00:00Z"),
            ("Asia/Kathmandu", "1980-05-01T00:00:00Z", "1980-04-30T18:15:00Z"),
        ] {
            let days = (instant(day).0 + SHIFT) / DAY;
            assert_eq!(
                zone(name).start_of(Period::Day, days),
                instant(expected),
                "{name} {day}"
            );
        }
        let berlin = zone("Europe/Berlin");
        assert_eq!(
            berlin.start_of_month("2025-07"),
            Some(instant("2025-06-30T22:00:00Z"))
        );
        assert_eq!(berlin.start_of_month("2025-13"), None);
        // A Monday.
        let weeks = (instant("2025-06-30T00:00:00Z").0 + SHIFT) / (7 * DAY);
        assert_eq!(
            berlin.start_of(Period::Week, weeks),
            instant("2025-06-29T22:00:00Z")
        );
    }

    #[test]
    fn an_expression_names_only_offsets_that_change_it() {
        let zone = zone("Europe/Berlin");
        let part = |period| zone.period_of("t", period, Dialect::Sqlite);
        assert_eq!(part(Period::Hour).matches("WHEN").count(), 0);
        assert_eq!(part(Period::Day).matches("WHEN").count(), zone.offsets.len() - 1);
        let utc = Zone::named("UTC", NOW).expect("a zone");
        assert_eq!(
            utc.period_of("t", Period::Day, Dialect::Sqlite),
            format!("(t + {SHIFT}) / {DAY}")
        );
    }
}
