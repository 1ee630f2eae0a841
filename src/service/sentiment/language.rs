//! Distinguishes English from other languages, because the lexicon has only English words.
//!
//! A text with fewer than twenty letters, or of uncertain language, counts as written in the language of its
//! thread. Any number of letters in another script than Latin identifies another language.

use whichlang::{Lang, detect_language};

use super::{LOOKED_AT, Score, Scorer};

/// Minimum number of letters to identify a language.
const LETTERS: usize = 20;
/// English word that is added to each text. If it changes the result to English, the result was uncertain.
const DOUBT: &str = " the";

/// Scores English texts with another scorer, and no other texts.
#[derive(Clone, Copy, Debug, Default)]
pub struct EnglishOnly<S>(pub S);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Language {
    English,
    Other,
    /// The text is too short or uncertain.
    Unclear,
}

impl<S: Scorer> Scorer for EnglishOnly<S> {
    fn score(&self, text: &str) -> Score {
        let language = language(text);
        let value = match language {
            Language::Other => None,
            Language::English | Language::Unclear => self.0.score(text).value,
        };
        Score {
            value,
            follows: language == Language::Unclear,
        }
    }
}

/// Identifies the language of a text by its beginning.
fn language(text: &str) -> Language {
    let mut letters = 0;
    let mut latin = 0;
    let mut known = String::new();
    for character in text.chars().take(LOOKED_AT) {
        if character.is_alphabetic() {
            letters += 1;
            latin += usize::from(is_latin(character));
        }
        // Emoji and dashes would count as letters of another script.
        match character {
            '\u{2019}' => known.push('\''),
            _ if character.is_ascii() || character.is_alphabetic() => known.push(character),
            _ => known.push(' '),
        }
    }
    if latin * 2 < letters {
        return Language::Other;
    }
    if letters < LETTERS {
        return Language::Unclear;
    }
    if detect_language(&known) == Lang::Eng {
        return Language::English;
    }
    known.push_str(DOUBT);
    if detect_language(&known) == Lang::Eng {
        Language::Unclear
    } else {
        Language::Other
    }
}

/// Whether a letter is A to Z or one of these with a diacritic.
fn is_latin(letter: char) -> bool {
    matches!(letter, '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' | '\u{ff21}'..='\u{ff5a}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::sentiment::Vader;

    #[test]
    fn english_texts_are_scored() {
        for text in [
            "Where is my order? I have been waiting for three weeks.",
            "Thank you so much, it works again!",
            "I don’t like it — “soon” is not an answer… 😡😡😡😡😡😡😡😡😡😡",
            "I CANNOT LOG IN SINCE THE UPDATE",
            "My name is Søren Kjærgaard and I live in Århus",
            "The label says Fabriqué en France, is that right?",
            "Order #88123 arrived damaged: https://example.com/orders/88123",
            "No version, no news. Hopeless.",
            "Unsubscribe me immediately",
            "Kind regards, Juan Carlos Rodriguez",
        ] {
            assert_ne!(language(text), Language::Other, "{text}");
        }
    }

    #[test]
    fn texts_in_other_languages_have_no_score() {
        let scorer = EnglishOnly(Vader::new());
        for text in [
            "Die Lieferung ist leider kaputt angekommen.",
            "Bonjour, je n'ai pas reçu mon colis.",
            "No puedo iniciar sesión desde ayer",
            "Il pacco è arrivato danneggiato",
            "O produto chegou quebrado, quero meu dinheiro de volta",
            "Het pakket is beschadigd aangekomen",
            "Paketet kom fram trasigt, jag vill ha pengarna tillbaka",
            "Dziękuję bardzo za szybką pomoc",
            "Paket hasarlı geldi, paramı geri istiyorum",
            "Pakken er kommet frem i stykker",
            "Balík přišel poškozený, chci vrátit peníze",
            "Посылка пришла повреждённой, верните деньги",
            "Πού είναι η παραγγελία μου;",
            "包裹已经损坏了",
            "荷物が壊れて届きました。返金してください。",
            "제 주문은 어디에 있나요?",
            "أين طلبي؟ لم يصل حتى الآن",
        ] {
            assert_eq!(scorer.score(text).value, None, "{text}");
            assert!(!scorer.score(text).follows, "{text}");
        }
    }

    #[test]
    fn short_texts_follow_their_thread_unless_their_script_differs() {
        let scorer = EnglishOnly(Vader::new());
        for (text, value) in [("Merci beaucoup !", Some(0)), ("12 345", Some(0)), (" ", None)] {
            assert_eq!(scorer.score(text), Score { value, follows: true }, "{text}");
        }
        for text in ["Great!", "👍 :)"] {
            let score = scorer.score(text);
            assert!(
                score.follows && score.value.is_some_and(|score| score > 0),
                "{text}"
            );
        }
        assert_eq!(scorer.score("Спасибо"), Score::default());
    }
}
