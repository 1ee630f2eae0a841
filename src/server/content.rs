//! Checks the headers of a body: JSON in UTF-8, optionally compressed. Other types and encodings are rejected
//! by name.

use axum::http::{
    HeaderMap,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
};
use mediatype::{MediaType, ReadParams, names::CHARSET};

/// Compression of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Not compressed.
    Plain,
    Gzip,
}

/// Reason why a body is not read.
#[derive(Debug, PartialEq, Eq)]
pub enum Unsupported {
    /// The body is not JSON in UTF-8. Contains a sentence for the caller.
    Kind(String),
    /// The body has an unsupported compression. Contains a sentence for the caller.
    Encoding(String),
}

/// Maximum number of characters of a header that a message quotes.
const QUOTED_MAX: usize = 40;

/// The compression of a request body, if the body can be read.
pub fn check(headers: &HeaderMap) -> Result<Encoding, Unsupported> {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| MediaType::parse(kind).ok());
    let json = kind.filter(|kind| {
        kind.ty.as_str().eq_ignore_ascii_case("application")
            && kind.subty.as_str().eq_ignore_ascii_case("json")
            && kind.suffix.is_none()
    });
    let Some(json) = json else {
        return Err(Unsupported::Kind(
            "The `Content-Type` of the request must be `application/json`.".to_owned(),
        ));
    };
    if let Some(charset) = json.get_param(CHARSET) {
        let charset = charset.unquoted_str();
        // ASCII is a subset of UTF-8.
        let is_utf8 = ["utf-8", "utf8", "us-ascii"]
            .iter()
            .any(|name| charset.eq_ignore_ascii_case(name));
        if !is_utf8 {
            let message = format!(
                "The charset `{}` in `Content-Type` is not supported. Send UTF-8.",
                short(&charset)
            );
            return Err(Unsupported::Kind(message));
        }
    }
    encoding(headers)
}

fn encoding(headers: &HeaderMap) -> Result<Encoding, Unsupported> {
    let mut found = Encoding::Plain;
    for value in headers.get_all(CONTENT_ENCODING) {
        let value = value.to_str().unwrap_or("?");
        for name in value.split(',').map(str::trim) {
            let is = |one: &str| name.eq_ignore_ascii_case(one);
            match found {
                _ if is("identity") => {}
                Encoding::Plain if is("gzip") || is("x-gzip") => found = Encoding::Gzip,
                _ => {
                    let message = format!(
                        "The `Content-Encoding` `{}` is not supported. Send the body uncompressed or compressed once with gzip.",
                        short(value)
                    );
                    return Err(Unsupported::Encoding(message));
                }
            }
        }
    }
    Ok(found)
}

fn short(text: &str) -> String {
    text.chars().take(QUOTED_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: &str, encoding: Option<&str>) -> Result<Encoding, Unsupported> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, kind.parse().expect("a header"));
        if let Some(encoding) = encoding {
            headers.insert(CONTENT_ENCODING, encoding.parse().expect("a header"));
        }
        check(&headers)
    }

    #[test]
    fn plain_and_gzipped_utf8_json_is_accepted() {
        for kind in [
            "application/json",
            "Application/JSON",
            "application/json;charset=utf-8",
            "application/json; charset=\"UTF-8\"",
            "application/json; charset=us-ascii",
        ] {
            assert_eq!(of(kind, None), Ok(Encoding::Plain), "{kind}");
            assert_eq!(of(kind, Some("identity")), Ok(Encoding::Plain), "{kind}");
            assert_eq!(of(kind, Some("GZIP")), Ok(Encoding::Gzip), "{kind}");
        }
    }

    #[test]
    fn other_content_types_and_encodings_are_refused() {
        for kind in ["text/plain", "", "application/json+xml", "application/graphql"] {
            let message = "The `Content-Type` of the request must be `application/json`.".to_owned();
            assert_eq!(of(kind, None), Err(Unsupported::Kind(message)), "{kind}");
        }
        for (kind, encoding, name) in [
            ("application/json; charset=utf-16", None, "charset `utf-16`"),
            (
                "application/json; charset=\"iso-8859-1\"",
                None,
                "charset `iso-8859-1`",
            ),
            ("application/json", Some("br"), "`Content-Encoding` `br`"),
            (
                "application/json",
                Some("gzip, gzip"),
                "`Content-Encoding` `gzip, gzip`",
            ),
            (
                "application/json",
                Some("deflate"),
                "`Content-Encoding` `deflate`",
            ),
        ] {
            let (Unsupported::Kind(message) | Unsupported::Encoding(message)) =
                of(kind, encoding).expect_err("refused");
            assert!(
                message.contains(name) && message.contains(" is not supported."),
                "{message}"
            );
        }
    }
}
