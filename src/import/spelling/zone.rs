//! Time zones by IANA, Windows and Rails names.

use super::zones::{RAILS, WINDOWS};

/// The IANA name of a time zone. Accepts IANA names in any case, Windows and Rails names, and fixed offsets
/// in hours.
pub fn zone(text: &str) -> Option<String> {
    let text = text.trim();
    // Selection lists show such prefixes: "(GMT+01:00) Amsterdam".
    let name = match text.strip_prefix('(').and_then(|text| text.split_once(')')) {
        Some((_, name)) => name.trim(),
        None => text,
    };
    let known = chrono_tz::TZ_VARIANTS
        .iter()
        .map(|zone| zone.name())
        .find(|zone| zone.eq_ignore_ascii_case(name));
    let named = || {
        let mut names = WINDOWS.iter().chain(RAILS);
        names
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, zone)| *zone)
    };
    known.or_else(named).map(str::to_owned).or_else(|| fixed(name))
}

/// Parses offsets such as `GMT+2` and `UTC-03:00`. IANA names of fixed offsets have the opposite sign.
fn fixed(text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    let offset = upper.strip_prefix("GMT").or_else(|| upper.strip_prefix("UTC"))?;
    let (sign, digits) = offset.split_at_checked(1)?;
    let opposite = match sign {
        "+" => '-',
        "-" => '+',
        _ => return None,
    };
    let hours = match digits.split_once(':') {
        Some((hours, "00")) => hours,
        None if digits.len() == 4 => digits.strip_suffix("00")?,
        None => digits,
        Some(_) => return None,
    };
    let hours: u8 = hours.parse().ok()?;
    let most = if sign == "+" { 14 } else { 12 };
    match hours {
        0 => Some("Etc/UTC".to_owned()),
        _ if hours <= most => Some(format!("Etc/GMT{opposite}{hours}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;

    #[test]
    fn windows_and_rails_names_map_to_iana_zones() {
        for (text, expected) in [
            ("Pacific Time (US & Canada)", "America/Los_Angeles"),
            ("W. Europe Standard Time", "Europe/Berlin"),
            ("Bern", "Europe/Zurich"),
            ("europe/berlin", "Europe/Berlin"),
            (" Europe/Berlin", "Europe/Berlin"),
            ("(GMT+01:00) Amsterdam", "Europe/Amsterdam"),
            ("GMT+2", "Etc/GMT-2"),
            ("UTC-03:00", "Etc/GMT+3"),
            ("UTC+13", "Etc/GMT-13"),
            ("Etc/GMT+3", "Etc/GMT+3"),
            ("US/Pacific", "US/Pacific"),
            ("Asia/Calcutta", "Asia/Calcutta"),
        ] {
            assert_eq!(zone(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "Mars/Olympus", "GMT+15", "GMT+05:30", "UTC+x", "(GMT+01:00)"] {
            assert_eq!(zone(text), None, "{text}");
        }
    }

    #[test]
    fn every_name_in_the_tables_maps_to_a_zone() {
        for (name, zone) in WINDOWS.iter().chain(RAILS) {
            assert!(chrono_tz::Tz::from_str(zone).is_ok(), "{name}: {zone}");
        }
    }
}
