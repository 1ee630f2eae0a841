//! Normalizes texts for comparison.

use icu_casemap::CaseMapper;
use icu_normalizer::{DecomposingNormalizerBorrowed, properties::CanonicalCombiningClassMapBorrowed};
use icu_properties::{CodePointSetData, props::DefaultIgnorableCodePoint};

/// Normalizes a text for the comparison of names: compatibility decomposition, full case folding, and removal
/// of accents and invisible characters. `Straße` becomes `strasse`, `Núñez` becomes `nunez`, and `ＡＣＭＥ`
/// becomes `acme`.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let (classes, unseen) = (
        CanonicalCombiningClassMapBorrowed::new(),
        CodePointSetData::new::<DefaultIgnorableCodePoint>(),
    );
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize(text);
    let kept: String = decomposed
        .chars()
        .filter(|one| is_letter_of_its_own(classes.get_u8(*one)) && !unseen.contains(*one))
        .collect();
    CaseMapper::new().fold_string(&kept).into_owned()
}

/// Whether a character is kept, by its combining class. Accents and vowel points are removed. Classes 6 to 9
/// are marks that form a different letter: nukta and virama of Indic scripts, and the voicing of kana. Class
/// 0 is not a combining mark.
fn is_letter_of_its_own(class: u8) -> bool {
    matches!(class, 0 | 6..=9)
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn equivalent_spellings_have_one_form() {
        for (texts, form) in [
            (
                vec!["José Núñez", "JOSE\u{301} NUN\u{303}EZ", "jose nunez"],
                "jose nunez",
            ),
            (vec!["Straße", "STRASSE", "STRAẞE"], "strasse"),
            (vec!["İstanbul", "istanbul", "ISTANBUL"], "istanbul"),
            (vec!["ΟΔΟΣ", "οδός"], "οδοσ"),
            (vec!["ＡＣＭＥ 株式会社"], "acme 株式会社"),
            (vec!["محمد", "ﻣﺤﻤﺪ", "مُحَمَّد"], "محمد"),
            (vec!["Nguyễn", "Nguye\u{302}\u{303}n"], "nguyen"),
            (vec!["Zo\u{ad}ë", "Zoe"], "zoe"),
            (vec!["Пётр", "петр"], "петр"),
            (vec!["ﬁn", "FIN"], "fin"),
            (vec!["Søren"], "søren"),
            (vec!["हिन्दी"], "हिन्दी"),
            (vec!["ガス", "ｶﾞｽ"], "カ\u{3099}ス"),
        ] {
            for text in texts {
                assert_eq!(fold(text), form, "{text}");
                assert_eq!(fold(&fold(text)), form, "{text}");
            }
        }
    }
}
