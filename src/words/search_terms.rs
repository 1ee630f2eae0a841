//! Parses search texts.

use super::{cut, fold, number, split};

/// Maximum number of words in a search. Each further word must be checked against the matches of the first
/// ones.
pub const WORDS_MAX: usize = 16;

/// A parsed search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchTerms {
    /// The search is empty or blank.
    Nothing,
    /// The search contains no word, only punctuation.
    NoWord,
    /// The search has too many words. Contains their number.
    TooMany(usize),
    /// For each entry, a match must contain a word that begins with one of the texts in the entry.
    Words(Vec<Vec<String>>),
}

/// Parses a search for words in any order, a telephone number, or addresses.
pub fn search_terms(text: &str) -> SearchTerms {
    let folded = fold(text);
    let folded = folded.trim();
    if folded.is_empty() && text.trim().is_empty() {
        return SearchTerms::Nothing;
    }
    if let Some(beginnings) = number::search_terms(folded) {
        return SearchTerms::Words(vec![beginnings]);
    }
    let mut words: Vec<String> = folded.split_whitespace().flat_map(of_chunk).collect();
    // Longest words first: a word that is a prefix of a longer one is implied by it and dropped.
    words.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    let mut kept: Vec<String> = Vec::new();
    for word in words {
        if !kept.iter().any(|longer| longer.starts_with(&word)) {
            kept.push(word);
        }
    }
    match kept.len() {
        0 => SearchTerms::NoWord,
        count if count > WORDS_MAX => SearchTerms::TooMany(count),
        _ => SearchTerms::Words(kept.into_iter().map(|word| vec![word]).collect()),
    }
}

/// The words of a chunk. An address stays one word.
fn of_chunk(chunk: &str) -> Vec<String> {
    let inside = chunk.trim_matches(|one: char| !one.is_alphanumeric());
    if inside.contains('@') {
        vec![cut(inside).to_owned()]
    } else {
        split::whole(chunk).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{SearchTerms, search_terms};

    fn words(text: &str) -> String {
        match search_terms(text) {
            SearchTerms::Words(words) => {
                let words: Vec<String> = words.into_iter().map(|any| any.join("|")).collect();
                words.join(" ")
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn searches_are_parsed_as_words_numbers_or_addresses() {
        for (text, expected) in [
            ("", "Nothing"),
            (" \t", "Nothing"),
            ("%", "NoWord"),
            ("👩\u{200d}💻", "NoWord"),
            ("Lovelace  ADA", "lovelace ada"),
            ("ann anna Ann", "anna"),
            ("O'Brien", "obrien"),
            ("crm-77", "crm 77"),
            ("Bob@Example", "bob@example"),
            ("<bob@example.org>,", "bob@example.org"),
            ("@example.org", "example org"),
            ("7946", "7946"),
            ("+44 (0)20 7946", "207946|44207946"),
            ("2024 12", "2024 12"),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn a_search_has_at_most_sixteen_words() {
        let many = |count: u8| {
            let words: Vec<String> = (0..count).map(|n| char::from(b'a' + n).to_string()).collect();
            search_terms(&words.join(" "))
        };
        assert!(matches!(many(16), SearchTerms::Words(words) if words.len() == 16));
        assert_eq!(many(17), SearchTerms::TooMany(17));
    }
}
