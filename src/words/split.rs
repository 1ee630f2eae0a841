//! Splits texts into words.

use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{Alphabetic, GeneralCategory, GeneralCategoryGroup, Script},
};

use super::{cut, fold};

/// The words that a text is indexed by, in no particular order and possibly with duplicates.
///
/// A word is a sequence of letters, digits and their marks. A word with an apostrophe is indexed as a whole
/// and by the part after the apostrophe. In scripts without spaces between words, a word is indexed from each
/// letter on.
pub fn of_text(text: &str) -> Vec<String> {
    let folded = fold(text);
    let mut words = Vec::new();
    for run in runs(&folded) {
        words.push(run.joined());
        for at in run.beginnings() {
            words.push(cut(run.letters.get(at..).unwrap_or_default()).to_owned());
        }
    }
    words
}

/// The words that an address is indexed by: the whole address, and the words in it.
pub fn of_address(address: &str) -> Vec<String> {
    let mut words = of_text(address);
    words.push(cut(&fold(address)).to_owned());
    words
}

/// The words of a search, without partial words.
pub(super) fn whole(folded: &str) -> impl Iterator<Item = String> + '_ {
    runs(folded).map(|run| run.joined())
}

/// A word, and the further positions from which it is indexed.
struct Run {
    letters: String,
    behind_apostrophes: Vec<usize>,
}

impl Run {
    fn joined(&self) -> String {
        cut(&self.letters).to_owned()
    }

    fn beginnings(&self) -> impl Iterator<Item = usize> + '_ {
        let scripts = CodePointMapData::<Script>::new();
        let has_no_spaces = move |one: char| {
            matches!(
                scripts.get(one),
                Script::Han
                    | Script::Hiragana
                    | Script::Katakana
                    | Script::Bopomofo
                    | Script::Thai
                    | Script::Lao
                    | Script::Khmer
                    | Script::Myanmar
            )
        };
        let letters = self.letters.char_indices().skip(1);
        letters.filter_map(move |(at, one)| {
            (has_no_spaces(one) || self.behind_apostrophes.contains(&at)).then_some(at)
        })
    }
}

fn runs(folded: &str) -> impl Iterator<Item = Run> + '_ {
    let mut letters = folded.chars().peekable();
    std::iter::from_fn(move || {
        while letters.next_if(|one| !is_of_word(*one)).is_some() {}
        let mut run = Run {
            letters: String::new(),
            behind_apostrophes: Vec::new(),
        };
        while let Some(one) = letters.next_if(|one| is_of_word(*one) || is_apostrophe(*one)) {
            if is_apostrophe(one) {
                run.behind_apostrophes.push(run.letters.len());
            } else {
                run.letters.push(one);
            }
        }
        (!run.letters.is_empty()).then_some(run)
    })
}

/// Whether a character is a letter, a digit, or a mark that [`fold()`] keeps.
fn is_of_word(one: char) -> bool {
    if one.is_ascii() {
        return one.is_ascii_alphanumeric();
    }
    let category = CodePointMapData::<GeneralCategory>::new().get(one);
    GeneralCategoryGroup::Number
        .union(GeneralCategoryGroup::Mark)
        .contains(category)
        || CodePointSetData::new::<Alphabetic>().contains(one)
}

fn is_apostrophe(one: char) -> bool {
    matches!(one, '\'' | '\u{2018}' | '\u{2019}' | '\u{2bc}' | '`' | '\u{b4}')
}

#[cfg(test)]
mod tests {
    use super::{of_address, of_text};

    fn sorted(mut words: Vec<String>) -> String {
        words.sort();
        words.dedup();
        words.join(" ")
    }

    #[test]
    fn texts_are_split_into_words() {
        for (text, words) in [
            ("Müller  Anna", "anna muller"),
            ("50% Off_Ltd", "50 ltd off"),
            ("O’Brien", "brien obrien"),
            ("'quoted'", "quoted"),
            ("👩\u{200d}💻 Dev", "dev"),
            ("山田太郎", "太郎 山田太郎 田太郎 郎"),
            ("हिन्दी भाषा", "भाषा हिन्दी"),
            ("' '", ""),
            ("", ""),
        ] {
            assert_eq!(sorted(of_text(text)), words, "{text}");
        }
    }

    #[test]
    fn addresses_are_indexed_whole_and_by_words() {
        assert_eq!(
            sorted(of_address("Ada.L@Byron.example")),
            "ada ada.l@byron.example byron example l"
        );
    }

    #[test]
    fn long_words_are_truncated() {
        let word = "é".repeat(1_000);
        assert_eq!(of_text(&word), ["e".repeat(64)]);
    }
}
