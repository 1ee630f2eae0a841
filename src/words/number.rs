//! Telephone numbers, reduced to their digits.

use super::fold;

/// Minimum number of digits that find a number.
pub(super) const DIGITS_MIN: usize = 4;
/// Maximum number of digits: the longest number has 15, and an extension can follow.
const DIGITS_MAX: usize = 24;

/// The words that a number is indexed by: its digits from each position on, as long as at least four remain.
/// Any four consecutive digits of the number are therefore a prefix of a word.
pub fn of_number(number: &str) -> Vec<String> {
    let digits = digits(&fold(number));
    let digits = digits.strip_prefix("00").unwrap_or(&digits);
    let digits = digits.get(..DIGITS_MAX).unwrap_or(digits);
    let last = digits.len().saturating_sub(DIGITS_MIN);
    (0..=last)
        .filter_map(|from| digits.get(from..))
        .filter(|digits| !digits.is_empty())
        .map(ToOwned::to_owned)
        .collect()
}

/// The digits that a search for a number can match. `None` if the text does not have the form of a number.
///
/// A number can be stored with or without its country code and searched in the other form.
pub(super) fn search_terms(folded: &str) -> Option<Vec<String>> {
    let is_of_number = |one: char| one.is_ascii_digit() || !one.is_alphanumeric();
    let runs = folded.split(|one: char| !one.is_ascii_digit());
    let runs = runs.filter(|run| !run.is_empty()).count();
    let all = digits(folded);
    let begins_as_number = folded.starts_with('+') || all.starts_with('0');
    let is_number = folded.chars().all(is_of_number)
        && all.len() >= DIGITS_MIN
        && (runs == 1 || begins_as_number || all.len() >= 7);
    if !is_number {
        return None;
    }
    let abroad = all
        .strip_prefix("00")
        .or_else(|| folded.starts_with('+').then_some(all.as_str()));
    let at_home = all.strip_prefix('0').filter(|_| abroad.is_none());
    let without_country = abroad.and_then(national);
    let mut beginnings: Vec<String> = [Some(all.as_str()), abroad, at_home, without_country]
        .into_iter()
        .flatten()
        .filter(|digits| digits.len() >= DIGITS_MIN)
        .map(|digits| digits.get(..DIGITS_MAX).unwrap_or(digits).to_owned())
        .collect();
    beginnings.sort();
    beginnings.dedup();
    Some(beginnings)
}

/// The digits of a number without a trunk prefix in the form `(0)`.
fn digits(folded: &str) -> String {
    let mut digits = folded.replace("(0)", "");
    digits.retain(|one| one.is_ascii_digit());
    digits
}

/// The digits after the country code, if at least six remain. Country codes have one to three digits, as in
/// ITU-T E.164.
fn national(digits: &str) -> Option<&str> {
    let two = digits.get(..2).and_then(|two| two.parse::<u8>().ok())?;
    let code = match two {
        10..=19 | 70..=79 => 1,
        20 | 27 | 30..=34 | 36 | 39..=41 | 43..=49 | 51..=58 | 60..=66 | 81 | 82 | 84 | 86 | 90..=95 | 98 => {
            2
        }
        _ => 3,
    };
    digits.get(code..).filter(|rest| rest.len() >= 6)
}

#[cfg(test)]
mod tests {
    use super::{of_number, search_terms};

    /// Whether a search finds a stored number.
    fn finds(stored: &str, search: &str) -> bool {
        let words = of_number(stored);
        search_terms(search).is_some_and(|beginnings| {
            beginnings
                .iter()
                .any(|beginning| words.iter().any(|word| word.starts_with(beginning)))
        })
    }

    #[test]
    fn numbers_are_found_in_every_notation() {
        let ways = [
            "+44 (0)20 / 7946-0018",
            "+442079460018",
            "0044 20 7946 0018",
            "(020) 7946 0018",
        ];
        for stored in ways {
            for search in
                ways.into_iter()
                    .chain(["7946", "0018", "79460018", "7946-0018", "2079460018", "020 7946"])
            {
                assert!(finds(stored, search), "{stored} by {search}");
            }
            for search in ["7947", "+49 20 7946 0019", "794 6"] {
                assert!(!finds(stored, search), "{stored} by {search}");
            }
        }
        assert!(finds("0049301234567", "493012345"));
        assert_eq!(search_terms("112"), None, "too short");
    }

    #[test]
    fn other_texts_are_not_number_searches() {
        for search in ["", "123", "12 34", "crm-7777", "7777x", "🙂"] {
            assert_eq!(search_terms(search), None, "{search}");
        }
    }

    #[test]
    fn a_number_has_a_bounded_number_of_words() {
        assert_eq!(of_number("").len(), 0);
        assert_eq!(of_number("ring the bell").len(), 0);
        assert_eq!(of_number("12"), ["12"]);
        assert_eq!(of_number("+12 345"), ["12345", "2345"]);
        assert_eq!(of_number(&"1".repeat(10_000)).len(), 21);
    }
}
