//! JSON numbers that can be stored without loss: integers of 64 bits, and floats that lose no digit.
//!
//! A rounded id would be a different id, so numbers that cannot be stored exactly are left out and reported.

use serde_json::Number;

/// The reason for a number that cannot be stored.
pub const TOLD: &str = "The number cannot be stored exactly.";
/// Numbers of up to this many characters and without an exponent are always exact.
const SURE: usize = 15;

/// Parses a number. `None` if it cannot be represented exactly.
pub fn exact(text: &str) -> Option<Number> {
    if let Ok(whole) = text.parse::<i64>() {
        return Some(whole.into());
    }
    if let Ok(whole) = text.parse::<u64>() {
        return Some(whole.into());
    }
    let float: f64 = text.parse().ok()?;
    let number = Number::from_f64(float)?;
    (Decimal::of(text)? == Decimal::of(&format!("{float:e}"))?).then_some(number)
}

/// Whether a text may contain a number that cannot be stored exactly. The text need not be valid JSON.
pub fn may_lose(text: &[u8]) -> bool {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => at = behind_string(text, at + 1),
            b'0'..=b'9' => {
                let rest = &text[at..];
                let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
                let length = rest.iter().position(|byte| !is_part(byte)).unwrap_or(rest.len());
                let has_exponent = rest[..length].iter().any(|byte| matches!(byte, b'e' | b'E'));
                if length > SURE || has_exponent {
                    return true;
                }
                at += length;
            }
            _ => at += 1,
        }
    }
    false
}

fn behind_string(text: &[u8], mut at: usize) -> usize {
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    at
}

/// A decimal number: its digits without leading and trailing zeros, and the power of ten of the last digit.
#[derive(Debug, PartialEq, Eq)]
struct Decimal {
    is_negative: bool,
    digits: String,
    power: i64,
}

impl Decimal {
    fn of(text: &str) -> Option<Self> {
        let (mantissa, power) = match text.split_once(['e', 'E']) {
            Some((mantissa, power)) => (mantissa, power.parse::<i64>().ok()?),
            None => (text, 0),
        };
        let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_negative = whole.starts_with('-');
        let digits = format!("{}{part}", whole.trim_start_matches('-'));
        let kept = digits.trim_end_matches('0');
        let dropped = i64::try_from(digits.len() - kept.len()).ok()?;
        let behind = i64::try_from(part.len()).ok()?;
        let power = power.checked_sub(behind)?.checked_add(dropped)?;
        let digits = kept.trim_start_matches('0').to_owned();
        let power = if digits.is_empty() { 0 } else { power };
        Some(Self {
            is_negative,
            digits,
            power,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exactly_representable_numbers_are_kept() {
        for kept in [
            "0",
            "-0",
            "7",
            "-9223372036854775808",
            "18446744073709551615",
            "0.1",
            "1.50",
            "-2.5e-3",
            "1E22",
            "1e300",
            "9007199254740992.0",
            "0.000",
            "0e5",
            "123456789.12345678",
        ] {
            assert!(exact(kept).is_some(), "{kept}");
        }
        for lost in [
            "18446744073709551616",
            "-9223372036854775809",
            "123456789012345678901234567890",
            "1e400",
            "-1e400",
            "1e-400",
            "9007199254740993.0",
            "3.14159265358979323846",
            "1e99999999999999999999",
        ] {
            assert_eq!(exact(lost), None, "{lost}");
            assert!(may_lose(format!("{{\"a\":{lost}}}").as_bytes()), "{lost}");
        }
        assert_eq!(
            exact("9007199254740993")
                .map(|number| number.to_string())
                .as_deref(),
            Some("9007199254740993")
        );
        let plain = br#"{"a":[1,-2.5,"1e400 \" 12345678901234567890"],"b":123456789012345}"#;
        assert!(!may_lose(plain));
    }
}
