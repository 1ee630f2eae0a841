//! Normalization of texts for comparison and search, and their division into words.
//!
//! Layer 1. [`fold()`] normalizes a text. [`of_text`], [`of_address`] and [`of_number`] return the words that
//! a text is indexed by. [`search_terms()`] returns the prefixes of words that a search looks for. All apply the
//! same rules, so that stored texts are found. The identity of a customer or agent uses other keys.

mod fold;
mod number;
mod search_terms;
mod split;
mod visible;

pub use fold::fold;
pub use number::of_number;
pub use search_terms::{SearchTerms, WORDS_MAX, search_terms};
pub use split::{of_address, of_text};
pub use visible::visible;

/// Version of the rules. Words and keys are stored, so each change of the rules or of the Unicode version
/// increases this number, and the stored data is rebuilt.
pub const VERSION: i32 = 1;

/// Maximum length of a word in characters. Longer words are found by this prefix.
const WORD_MAX: usize = 64;

fn cut(word: &str) -> &str {
    word.char_indices()
        .nth(WORD_MAX)
        .map_or(word, |(end, _)| word.get(..end).unwrap_or(word))
}
