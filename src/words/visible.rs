//! Removal of characters that are not visible.

/// The visible characters of a text.
pub fn visible(text: &str) -> String {
    text.chars().filter(|one| !is_invisible(*one)).collect()
}

/// Characters without a glyph: joiners, direction marks, byte order marks and soft hyphens.
fn is_invisible(one: char) -> bool {
    matches!(one,
        '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}
