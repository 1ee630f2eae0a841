//! The origin of a web page.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Url;

/// Scheme, host and port in the form of browsers: `https://support.example.com`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(String);

/// The text is not a valid origin.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a valid origin. Use the form https://support.example.com.")]
pub struct OriginError(String);

impl Origin {
    /// The origin in the form of browsers.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Origin {
    type Error = OriginError;

    fn try_from(text: String) -> Result<Self, OriginError> {
        // Normalizes case, default port and trailing slash as browsers do.
        let written = Url::parse(&text).ok().filter(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.path() == "/"
                && url.query().is_none()
                && url.fragment().is_none()
                && url.username().is_empty()
                && url.password().is_none()
        });
        match written {
            Some(url) => Ok(Self(url.origin().ascii_serialization())),
            None => Err(OriginError(text)),
        }
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_normalized_as_in_browsers() {
        for (given, written) in [
            ("https://Support.Example.com/", "https://support.example.com"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("https://example.com:443", "https://example.com"),
        ] {
            let origin = Origin::try_from(given.to_owned()).expect(given);
            assert_eq!(origin.as_str(), written);
        }
    }

    #[test]
    fn invalid_origins_are_refused() {
        for text in [
            "",
            "*",
            "null",
            "example.com",
            "ftp://example.com",
            "https://example.com/path",
            "https://a@b.c",
        ] {
            assert!(Origin::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
