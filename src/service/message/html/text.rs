//! Text of HTML, for messages without plain text.

/// Elements that start on a new line.
const BLOCKS: [&str; 22] = [
    "blockquote",
    "br",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "summary",
    "table",
    "tr",
    "ul",
];

/// Returns the readable text of [sanitized](super::clean) HTML. Such HTML has complete tags and few kinds of
/// entities.
pub fn text(cleaned: &str) -> String {
    let mut text = String::with_capacity(cleaned.len() / 2);
    let mut rest = cleaned;
    while let Some(begin) = rest.find('<') {
        push(&mut text, &rest[..begin]);
        let tag = &rest[begin + 1..];
        let end = end_of(tag);
        begin_line(&mut text, &tag[..end]);
        rest = tag.get(end + 1..).unwrap_or_default();
    }
    push(&mut text, rest);
    text.truncate(text.trim_end().len());
    text
}

/// Returns the end of a tag: the first `>` outside quotes.
fn end_of(tag: &str) -> usize {
    let mut is_quoted = false;
    for (at, one) in tag.bytes().enumerate() {
        match one {
            b'"' => is_quoted = !is_quoted,
            b'>' if !is_quoted => return at,
            _ => {}
        }
    }
    tag.len()
}

fn begin_line(text: &mut String, tag: &str) {
    let name = tag.trim_start_matches('/');
    let name = name
        .split(|one: char| !one.is_ascii_alphanumeric())
        .next()
        .unwrap_or_default();
    if BLOCKS.contains(&name) {
        text.truncate(text.trim_end_matches(' ').len());
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
    } else if matches!(name, "td" | "th") {
        blank(text);
    }
}

fn push(text: &mut String, part: &str) {
    let part = part
        .replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&");
    for one in part.chars() {
        if one.is_whitespace() {
            blank(text);
        } else {
            text.push(one);
        }
    }
}

/// Adds one space between two words, and none at the start of a line.
fn blank(text: &mut String) {
    if !text.is_empty() && !text.ends_with([' ', '\n']) {
        text.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn the_text_is_the_visible_content() {
        for (html, expected) in [
            ("<p>See <b>the</b> picture.</p>", "See the picture."),
            ("<div>One</div><div>Two<br>Three</div>", "One\nTwo\nThree"),
            ("a &lt;b&gt; &amp;amp;\n  c&nbsp;d", "a <b> &amp; c d"),
            (
                "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
                "a b\nc",
            ),
            ("<a title=\"x > y\" href=\"z\">link</a> end ", "link end"),
            ("<img src=\"cid:1\">", ""),
            ("", ""),
        ] {
            assert_eq!(text(html), expected, "{html}");
        }
    }
}
