//! Texts as they are compared and searched: one form for what reads the same, and the words in it.
//!
//! Layer 1. [`fold()`] is the form, [`of_text`], [`of_address`] and [`of_number`] tell the words under which a text is
//! found, and [`asked()`] the beginnings of words that a search asks for. They use one another's rules, so what is written
//! is found. Who someone is, is told by other keys.

mod asked;
mod fold;
mod number;
mod split;

pub use asked::{Asked, WORDS_MAX, asked};
pub use fold::fold;
pub use number::of_number;
pub use split::{of_address, of_text};

/// Which rules these are. Words and keys are stored: it is raised with each change of the rules or of
/// the version of Unicode, so that they are written anew.
pub const VERSION: i32 = 1;

/// Longest word, in characters. Longer ones are found by so many of their first.
const WORD_MAX: usize = 64;

fn cut(word: &str) -> &str {
    word.char_indices()
        .nth(WORD_MAX)
        .map_or(word, |(end, _)| word.get(..end).unwrap_or(word))
}
