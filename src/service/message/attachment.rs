//! Normalizes the metadata of attachments. The senders of mail choose it, so it is not trusted.

/// Maximum number of attachments of one message.
pub const ATTACHMENTS_MAX: usize = 20;
/// Maximum length of a file name in characters.
const NAME_MAX: usize = 255;
/// Maximum length of a media type in characters.
const TYPE_MAX: usize = 127;
/// Maximum length of a content id in characters.
const ID_MAX: usize = 255;

/// Returns the stored form of a file name: the last part of a path, without control characters and characters
/// that change the text direction, which could disguise the name. `None` if nothing is left.
pub fn file_name(text: &str) -> Option<String> {
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last
        .chars()
        .filter(|one| !one.is_control() && !turns(*one))
        .take(NAME_MAX)
        .collect();
    let plain = plain.trim();
    (!plain.trim_matches('.').is_empty()).then(|| plain.to_owned())
}

/// Returns a media type such as `application/pdf`. `None` for other texts.
pub fn media_type(text: &str) -> Option<String> {
    let text = text.trim();
    let (kind, rest) = text.split_once('/')?;
    let is_plain = text.len() <= TYPE_MAX && text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    (is_plain && !kind.is_empty() && !rest.is_empty()).then(|| text.to_owned())
}

/// Returns the id by which the HTML of a message refers to a file, without the angle brackets of a mail
/// header. `None` for other texts.
pub fn content_id(text: &str) -> Option<String> {
    let text = text.trim();
    let inside = text.strip_prefix('<').and_then(|text| text.strip_suffix('>'));
    let text = inside.unwrap_or(text);
    let is_one = |one: char| !one.is_control() && !one.is_whitespace() && !turns(one);
    (!text.is_empty() && text.chars().count() <= ID_MAX && text.chars().all(is_one)).then(|| text.to_owned())
}

/// Whether a character changes the text direction of the following ones.
fn turns(one: char) -> bool {
    matches!(one, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_lose_paths_and_control_characters() {
        for (given, kept) in [
            ("invoice.pdf", Some("invoice.pdf")),
            ("../../etc/passwd", Some("passwd")),
            (r"C:\Users\ann\photo one.jpg", Some("photo one.jpg")),
            ("a\0b\r\n\u{7}.txt", Some("ab.txt")),
            ("photo\u{202e}gpj.exe", Some("photogpj.exe")),
            ("  .hidden ", Some(".hidden")),
            ("..", None),
            ("folder/", None),
            (" ", None),
        ] {
            assert_eq!(file_name(given).as_deref(), kept, "{given:?}");
        }
        assert_eq!(file_name(&"\u{e9}".repeat(300)), Some("\u{e9}".repeat(255)));
    }

    #[test]
    fn media_types_and_content_ids_are_validated() {
        assert_eq!(media_type(" image/png ").as_deref(), Some("image/png"));
        assert_eq!(
            media_type("text/plain; charset=utf-8").as_deref(),
            Some("text/plain; charset=utf-8")
        );
        for odd in [
            "",
            "png",
            "/png",
            "image/",
            "image/p\nng",
            "image/\u{e9}",
            &"a/b".repeat(60),
        ] {
            assert_eq!(media_type(odd), None, "{odd:?}");
        }
        assert_eq!(content_id("<logo@mail>").as_deref(), Some("logo@mail"));
        for odd in ["", "<>", "a b", "a\u{202e}b", &"x".repeat(256)] {
            assert_eq!(content_id(odd), None, "{odd:?}");
        }
    }
}
