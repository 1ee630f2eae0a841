//! What was done, but not entirely as asked.

use std::str::FromStr;

/// Why something was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarningCode {
    /// The HTML of a message is too costly to clean.
    HtmlTooCostly,
    /// The HTML of a message is too long once it is cleaned.
    HtmlTooLong,
}

impl WarningCode {
    const ALL: [Self; 2] = [Self::HtmlTooCostly, Self::HtmlTooLong];

    /// Its name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::HtmlTooCostly => "HTML_TOO_COSTLY",
            Self::HtmlTooLong => "HTML_TOO_LONG",
        }
    }

    /// What was left out, and why.
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

/// Something that was left out of what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Why.
    pub code: WarningCode,
    /// The argument, as a path.
    pub path: Vec<String>,
}

impl Warning {
    /// About an argument.
    pub fn new(code: WarningCode, path: &[&str]) -> Self {
        Self {
            code,
            path: path.iter().map(ToString::to_string).collect(),
        }
    }
}

/// A name that stands for no warning.
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
