//! VADER: a lexicon and rules, in the process, without a network.

use std::fmt;

use vader_parity::SentimentIntensityAnalyzer;

use super::{LOOKED_AT, Score, Scorer};

/// Scores are kept in ten-thousandths: VADER's compound has four decimals, and whole numbers add up exactly.
const UNIT: f64 = 10_000.0;
/// Emoji and other signs that are looked at: each is replaced by words.
const SIGNS: usize = 50;
/// Signs begin here: General Punctuation and what follows. Letters of many scripts lie behind it too, which tell
/// nothing to a lexicon of English.
const FIRST_SIGN: char = '\u{2000}';

/// Scores as VADER's reference implementation does. Languages other than English are not told apart here.
pub struct Vader(SentimentIntensityAnalyzer);

impl fmt::Debug for Vader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vader")
    }
}

impl Vader {
    /// Reads the lexicon.
    pub fn new() -> Self {
        Self(SentimentIntensityAnalyzer::new())
    }
}

impl Default for Vader {
    fn default() -> Self {
        Self::new()
    }
}

impl Vader {
    fn compound(&self, text: &str) -> Option<i16> {
        let mut signs = 0;
        let is_looked_at = |character: &char| {
            signs += usize::from(*character >= FIRST_SIGN);
            *character < FIRST_SIGN || signs <= SIGNS
        };
        let text: String = text.chars().take(LOOKED_AT).filter(is_looked_at).collect();
        if text.trim().is_empty() {
            return None;
        }
        let compound = self.0.polarity_scores(&text).compound.clamp(-1.0, 1.0);
        #[expect(clippy::cast_possible_truncation, reason = "clamped to ±10 000")]
        Some((compound * UNIT).round() as i16)
    }
}

impl Scorer for Vader {
    fn score(&self, text: &str) -> Score {
        let value = self.compound(text);
        Score {
            value,
            follows: value.is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by tests/sentiment/make.py: on each line the compound of the reference implementation, and the sentence.
    const GOLDEN: &str = include_str!("../../../tests/sentiment/golden.ndjson");

    #[test]
    fn every_golden_sentence_scores_as_in_the_reference_implementation() {
        let vader = Vader::new();
        let mut compared = 0;
        for line in GOLDEN.lines() {
            let (compound, text): (f64, String) = serde_json::from_str(line).expect("a sentence");
            let score = vader.score(&text).value.expect("scored");
            let found = format!("{:.4}", f64::from(score) / UNIT);
            // Without the sign of a zero.
            assert_eq!(found, format!("{:.4}", compound + 0.0), "{text:?}");
            compared += 1;
        }
        assert!(compared > 2_000, "{compared}");
    }

    #[test]
    fn emphasis_alone_says_nothing() {
        let vader = Vader::new();
        for text in ["Hello there!", "My parcel arrived today!", "Where is my order??"] {
            assert_eq!(vader.score(text).value, Some(0), "{text}");
        }
        assert_eq!(vader.score(" \n").value, None);
    }

    #[test]
    fn only_so_many_signs_and_characters_are_looked_at() {
        let vader = Vader::new();
        let signs = |count| vader.score(&"😀".repeat(count));
        assert_eq!(signs(4_000), signs(50));
        let behind = format!("{}I hate it.", "x ".repeat(2_000));
        assert_eq!(vader.score(&behind).value, Some(0));
    }

    #[test]
    fn odd_texts_do_no_harm() {
        let vader = Vader::new();
        for text in [
            "!",
            "?!?!",
            "😀😡",
            "ALL CAPS",
            "but",
            "\u{202e}",
            "kind of",
            "a\u{0301}",
            &"!".repeat(100_000),
        ] {
            vader.score(text);
        }
    }
}
