//! Warnings about parts of an input that were left out.

/// Reason why a part was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, entity::Word)]
pub enum WarningCode {
    /// The HTML of a message is too costly to sanitize.
    HtmlTooCostly,
    /// The HTML of a message is too long after sanitizing.
    HtmlTooLong,
}

impl WarningCode {
    /// Message that describes the part and the reason.
    pub fn message(self) -> &'static str {
        match self {
            Self::HtmlTooCostly => {
                "`bodyHtml` was not stored because it exceeds the limits of the HTML sanitizer on elements, nesting and \
                 attributes. `body` was stored."
            }
            Self::HtmlTooLong => {
                "`bodyHtml` was not stored because it exceeds the maximum length of a message after sanitizing and \
                 escaping. `body` was stored."
            }
        }
    }
}

/// Warning about a part of an input that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub code: WarningCode,
    pub path: Vec<String>,
}

impl Warning {
    pub fn new(code: WarningCode, path: &[&str]) -> Self {
        Self {
            code,
            path: path.iter().map(ToString::to_string).collect(),
        }
    }
}
