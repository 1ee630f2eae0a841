//! Times as the gateway stores them (milliseconds since 1970 in UTC) and as it writes them (RFC 3339).

use std::io::Write;

const DAY: i64 = 86_400_000;

/// Writes a time with three fractional digits.
pub fn write(out: &mut Vec<u8>, instant: i64) {
    let (days, rest) = (instant.div_euclid(DAY), instant.rem_euclid(DAY));
    let (year, month, day) = date(days);
    let (seconds, millis) = (rest / 1_000, rest % 1_000);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    // Writing to memory cannot fail.
    let _ = write!(
        out,
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z"
    );
}

pub fn text(instant: i64) -> String {
    let mut out = Vec::with_capacity(24);
    write(&mut out, instant);
    String::from_utf8_lossy(&out).into_owned()
}

/// Parses the format of `write`. `None` for other formats.
pub fn read(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let marks = [
        (4, b'-'),
        (7, b'-'),
        (10, b'T'),
        (13, b':'),
        (16, b':'),
        (19, b'.'),
        (23, b'Z'),
    ];
    if bytes.len() != 24 || marks.iter().any(|(at, mark)| bytes.get(*at) != Some(mark)) {
        return None;
    }
    let days = days(number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let seconds = number(11, 13)? * 3_600 + number(14, 16)? * 60 + number(17, 19)?;
    Some(days * DAY + seconds * 1_000 + number(20, 23)?)
}

/// Returns year, month and day of a day since 1970. Internally, years start in March, so that the leap day is the
/// last day.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Returns the number of days from 1970 to a date.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    era * 146_097 + of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_instants_are_read_back_unchanged() {
        assert_eq!(text(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(text(1_709_210_096_789), "2024-02-29T12:34:56.789Z");
        assert_eq!(text(-1), "1969-12-31T23:59:59.999Z");
        for instant in (-200_000_000_000..4_000_000_000_000).step_by(86_399_123_457) {
            assert_eq!(read(&text(instant)), Some(instant));
        }
    }

    #[test]
    fn invalid_instants_are_not_read() {
        for text in [
            "",
            "2024-02-29",
            "2024-02-29 12:34:56.789Z",
            "2024-02-29T12:34:5x.789Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
