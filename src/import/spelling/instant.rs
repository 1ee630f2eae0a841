//! Parses timestamps in common spellings of ISO 8601 and in the format of email headers.

use chrono::DateTime;
use entity::Timestamp;

/// Length of a date such as `2024-01-15`.
const DATE: usize = 10;

/// Parses a timestamp. A date alone means its first moment. A time without an offset is in UTC.
pub fn instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Some(exact) = Timestamp::parse(text) {
        return Some(exact);
    }
    if let Ok(of_mail) = DateTime::parse_from_rfc2822(text) {
        return Timestamp::parse(&of_mail.to_rfc3339());
    }
    let (date, behind) = text.split_at_checked(DATE)?;
    if behind.is_empty() {
        return Timestamp::parse(&format!("{date}T00:00:00Z"));
    }
    let behind = behind.strip_prefix(['T', 't', ' '])?.trim_start();
    let end = behind
        .find(|one: char| !one.is_ascii_digit() && !matches!(one, ':' | '.' | ','))
        .unwrap_or(behind.len());
    let (time, offset) = behind.split_at(end);
    let time = time.replace(',', ".");
    let seconds = if time.matches(':').count() == 1 { ":00" } else { "" };
    let offset = offset_of(offset.trim())?;
    Timestamp::parse(&format!("{date}T{time}{seconds}{offset}"))
}

/// Converts an offset to the format of RFC 3339.
fn offset_of(text: &str) -> Option<String> {
    if ["", "Z", "UTC", "GMT"]
        .iter()
        .any(|utc| text.eq_ignore_ascii_case(utc))
    {
        return Some("Z".to_owned());
    }
    let (sign, digits) = text.split_at_checked(1)?;
    if sign != "+" && sign != "-" {
        return None;
    }
    match (digits.len(), digits.bytes().all(|one| one.is_ascii_digit())) {
        (2, true) => Some(format!("{sign}{digits}:00")),
        (4, true) => Some(format!("{sign}{}:{}", &digits[..2], &digits[2..])),
        (5, false) => Some(text.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_spellings_of_one_instant_are_read() {
        for text in [
            "2024-01-15T10:30:00Z",
            "2024-01-15T10:30:00+0000",
            "2024-01-15T12:30:00+02",
            "2024-01-15T12:30+02:00",
            "2024-01-15 10:30:00 UTC",
            "2024-01-15 10:30:00+00:00",
            "2024-01-15 05:30:00 -0500",
            "2024-01-15 10:30:00",
            "2024-01-15T10:30Z",
            "2024-01-15t10:30:00z",
            " 2024-01-15T10:30:00,000Z ",
            "Mon, 15 Jan 2024 05:30:00 -0500",
            "15 Jan 2024 10:30 GMT",
            "Mon, 15 Jan 2024 10:30:00 +0000 (UTC)",
        ] {
            let read = instant(text).map(Timestamp::to_rfc3339);
            assert_eq!(read.as_deref(), Some("2024-01-15T10:30:00.000Z"), "{text}");
        }
        let day = instant("2024-01-15").map(Timestamp::to_rfc3339);
        assert_eq!(day.as_deref(), Some("2024-01-15T00:00:00.000Z"));
    }

    #[test]
    fn invalid_instants_are_not_read() {
        for text in [
            "",
            "yesterday",
            "1705314600",
            "0000-00-00 00:00:00",
            "2024-02-30T10:00:00Z",
            "2024-01-15T10:30:00+2",
            "2024-01-15T10:30:00 CET",
            "2024-01-15T",
            "01/02/2024",
            "Tue, 15 Jan 2024 10:30:00 +0000",
            "Wed, 15 Dec 2010    59:10 -0500",
            "2024-01-1\u{e9}T10:30:00Z",
        ] {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
