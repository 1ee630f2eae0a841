//! Extracts email addresses from surrounding text.

use crate::words;

/// Extracts the address from a text: removes white space, `mailto:`, a display name with `<…>` and invisible
/// characters.
pub fn address(text: &str) -> String {
    let visible: String = words::visible(text).chars().map(narrow).collect();
    let mut text = visible.trim_matches(is_around);
    if let Some(inside) = text.strip_suffix('>')
        && let Some((_, address)) = inside.rsplit_once('<')
    {
        text = address.trim_matches(is_around);
    }
    if let Some(scheme) = text.get(..7)
        && scheme.eq_ignore_ascii_case("mailto:")
    {
        let behind = &text[7..];
        text = behind.split('?').next().unwrap_or(behind);
    }
    let text = text.trim_matches(is_around);
    let quoted = ['"', '\'']
        .iter()
        .find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote));
    quoted.unwrap_or(text).trim_matches(is_around).to_owned()
}

/// White space, control characters and list separators.
fn is_around(one: char) -> bool {
    one.is_whitespace() || one.is_control() && one != '\0' || matches!(one, ';' | ',')
}

/// Converts a fullwidth character, as East Asian keyboards produce, to its usual width.
fn narrow(one: char) -> char {
    match one {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(one) - 0xfee0).unwrap_or(one),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_around_an_email_are_removed() {
        for text in [
            "ann@example.com",
            " ann@example.com\r\n",
            "ann@example.com\u{200b}",
            "\u{feff}ann@example.com",
            "ann@example.com\u{a0}",
            "ann@exam\u{ad}ple.com",
            "\u{202e}ann@example.com",
            "mailto:ann@example.com",
            "MAILTO:ann@example.com?subject=Hi",
            "Ann <ann@example.com>",
            "\"Smith, Ann\" < mailto:ann@example.com >",
            "<ann@example.com>",
            "ann@example.com;",
            "'ann@example.com'",
            "\u{ff41}\u{ff4e}\u{ff4e}@example.com",
            "ann@example\u{ff0e}com",
        ] {
            assert_eq!(address(text), "ann@example.com", "{text:?}");
        }
    }

    #[test]
    fn characters_inside_an_email_are_unchanged() {
        for text in [
            "ann\u{a0}@example.com",
            "a nn@example.com",
            "o'brien@example.com",
            "a\0@example.com",
            "",
        ] {
            assert_eq!(address(text), text, "{text:?}");
        }
    }
}
