//! Tests for rejected and sanitized HTML.

use super::*;

/// Size limit for the HTML of a message.
const MAX: usize = 256 * 1024;

fn repeated(unit: &str) -> String {
    unit.repeat(MAX / unit.len())
}

fn numbered(unit: impl Fn(usize) -> String) -> String {
    let mut html = String::new();
    for number in 0.. {
        let next = unit(number);
        if html.len() + next.len() > MAX {
            break;
        }
        html += &next;
    }
    html
}

fn refused(html: &str) -> Option<WarningCode> {
    clean(html, MAX).err()
}

#[test]
fn html_with_nonlinear_cost_is_refused() {
    let costly = |html: &str| assert_eq!(refused(html), Some(WarningCode::HtmlTooCostly), "{html:.60}");
    for unit in [
        "<div>",
        "<ul><li>",
        "<blockquote>",
        "<b><i>",
        "<span>",
        "<table><tr><td>",
        "<svg><math>",
        "<font size=1><p>",
        "<html a>",
        "<svg><title>",
        "<ruby><rt>",
    ] {
        costly(&repeated(unit));
    }
    // Open formatting elements are reopened in each paragraph.
    let open: String = (0..400).map(|number| format!("<b a={number}>")).collect();
    costly(&format!("{open}{}", "<p>x".repeat(50_000)));
    // Each one is compared with all open ones.
    costly(&numbered(|number| format!("<b a={number}>")));
    costly(&numbered(|number| {
        format!("<b a={number} b c d e f g h i j k l m n o p q r s t>")
    }));
    // Each one is inserted before the table, among the children of its parent.
    costly(&format!("<table>{}", "<b></b>".repeat(30_000)));
    costly(&format!("<table>{}", "x<tr>".repeat(50_000)));
    // The writer searches the rest of the text at each one.
    costly(&repeated("&"));
    costly(&format!("<p title=\"{}\">", "&".repeat(MAX - 20)));
}

#[test]
fn many_attributes_are_refused_in_any_tag() {
    let many = numbered(|number| format!("/a{number}"));
    for before in [
        "<p",
        "<<p",
        "</p",
        "<p x=\"<b y\"",
        "<!-- <p x=' --><p ",
        "<textarea></textarea ",
        "<script>'</script><p ",
        "<![CDATA[ <p x=' ]]><p ",
        &format!("&<p x={} ", "y".repeat(1_010)),
        &format!("&am<p x={} ", "y".repeat(1_010)),
        &format!("<textarea></textare<p></textarea x={} ", "y".repeat(1_010)),
    ] {
        let html = format!("{before}{many}>");
        assert_eq!(refused(&html), Some(WarningCode::HtmlTooCostly), "{before}");
    }
    assert_eq!(refused(&format!("<!-- {many} -->x")), None, "a comment has none");
    assert_eq!(
        refused(&format!("<p>{}", many[..MAX / 2].replace('/', " "))),
        None,
        "nor has text"
    );
    let picture = format!("<img src=\"data:image/png;base64,{}\">", "/9j/".repeat(50_000));
    assert_eq!(refused(&picture), None, "one long attribute is one");
}

#[test]
fn long_mails_are_cleaned() {
    let quotes = "<blockquote class=\"gmail_quote\"><div dir=\"ltr\"><p>Line</p></div>".repeat(60);
    for html in [
        "<table><tr><td align=center><a href=\"https://example.com/x\"><b>Hi</b> there</a></td></tr></table>"
            .repeat(1_500),
        format!("<table>{}</table>", "<tr><td>1</td><td>2</td></tr>".repeat(9_000)),
        repeated("<p class=MsoNormal><span style='font-size:11pt'>Some text.<o:p></o:p></span></p>"),
        repeated("Some text &amp; more of it, a line long or so, as people write. <br>\n"),
        quotes,
    ] {
        assert_eq!(refused(&html), None, "{html:.60}");
    }
}

#[test]
fn cleaned_html_respects_the_message_length_limit() {
    // Each `<` is written as four bytes.
    let html = format!("<p>{}</p>", "< ".repeat(20_000));
    assert_eq!(clean(&html, 50_000), Err(WarningCode::HtmlTooLong));
    assert!(clean(&html, MAX).is_ok());
}

#[test]
fn cleaning_removes_active_content_and_keeps_mail_markup() {
    for (html, expected) in [
        ("<p onclick=x>a<script>b</script></p>", Some("<p>a</p>")),
        (
            "<title>t</title><div dir=rtl>a</div>",
            Some("<div dir=\"rtl\">a</div>"),
        ),
        (
            "<img src=\"cid:a@b\" alt=c>",
            Some("<img src=\"cid:a@b\" alt=\"c\">"),
        ),
        (
            "<img src=\"data:image/png;base64,aa\" alt=c>",
            Some("<img alt=\"c\">"),
        ),
        (
            "<a href=\"javascript:x\">a</a>",
            Some("<a rel=\"noopener noreferrer\">a</a>"),
        ),
        ("<script>a</script> ", None),
    ] {
        assert_eq!(clean(html, MAX).expect("cheap").as_deref(), expected, "{html}");
    }
}
