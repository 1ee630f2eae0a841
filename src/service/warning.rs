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
                "The HTML was left out and the text was kept: its elements are too many, nested too deeply or have too \
                 many attributes to be cleaned within bounds."
            }
            Self::HtmlTooLong => {
                "The HTML was left out and the text was kept: once it is cleaned and escaped, it is longer than a \
                 message may be."
            }
        }
    }
}

/// Warning about a part of an input that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Reason.
    pub code: WarningCode,
    /// Path of the argument.
    pub path: Vec<String>,
}

impl Warning {
    /// Creates a warning about an argument.
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
