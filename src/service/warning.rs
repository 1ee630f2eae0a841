//! Warnings about parts of an input that were left out.

use std::str::FromStr;

/// Reason why a part was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarningCode {
    /// The HTML of a message is too costly to sanitize.
    HtmlTooCostly,
    /// The HTML of a message is too long after sanitizing.
    HtmlTooLong,
}

impl WarningCode {
    const ALL: [Self; 2] = [Self::HtmlTooCostly, Self::HtmlTooLong];

    /// Name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::HtmlTooCostly => "HTML_TOO_COSTLY",
            Self::HtmlTooLong => "HTML_TOO_LONG",
        }
    }

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

/// The name does not belong to a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownWarning;

impl FromStr for WarningCode {
    type Err = UnknownWarning;

    fn from_str(name: &str) -> Result<Self, UnknownWarning> {
        Self::ALL
            .into_iter()
            .find(|code| code.name() == name)
            .ok_or(UnknownWarning)
    }
}
