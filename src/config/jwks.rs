//! The URL at which the token issuer publishes its keys.

use std::fmt;

use serde::Deserialize;
use url::{Host, Url};

const FORM: &str = "The value must have the form https://HOST/PATH without user, password and fragment. http:// is allowed for \
                    localhost and loopback addresses only.";

/// The URL of a key set. Displayed without its query, which may contain a secret.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct JwksUrl(Url);

impl JwksUrl {
    /// The complete URL, for requests only.
    pub fn reveal(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for JwksUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.0.clone();
        shown.set_query(None);
        write!(f, "{shown}")
    }
}

impl fmt::Debug for JwksUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl TryFrom<String> for JwksUrl {
    /// The required form. The error omits the value, because it may contain a password.
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let url = Url::parse(&text).map_err(|_| FORM)?;
        let is_near = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => return Err(FORM),
        };
        let is_safe = url.scheme() == "https" || url.scheme() == "http" && is_near;
        let is_bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if is_safe && is_bare {
            Ok(Self(url))
        } else {
            Err(FORM)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_urls_need_https_or_loopback_and_hide_queries() {
        for (text, shown) in [
            ("https://id.example.com/keys", "https://id.example.com/keys"),
            (
                "https://id.example.com/keys?key=secret",
                "https://id.example.com/keys",
            ),
            ("http://127.0.0.1:9000/keys", "http://127.0.0.1:9000/keys"),
            ("http://[::1]/keys", "http://[::1]/keys"),
            ("http://localhost/keys", "http://localhost/keys"),
        ] {
            let url = JwksUrl::try_from(text.to_owned()).expect(text);
            assert_eq!(
                (url.to_string().as_str(), format!("{url:?}").as_str()),
                (shown, shown)
            );
            assert_eq!(url.reveal(), text);
        }
        for text in [
            "",
            "keys",
            "id.example.com",
            "http://id.example.com/keys",
            "http://10.0.0.1/keys",
            "http://localhost.example.com/keys",
            "http://127.0.0.1.example.com/keys",
            "https://ada@id.example.com/keys",
            "https://ada:secret@id.example.com/keys",
            "https://id.example.com/keys#part",
            "file:///etc/keys",
            "ftp://127.0.0.1/keys",
            "https://",
        ] {
            assert_eq!(JwksUrl::try_from(text.to_owned()), Err(FORM), "{text}");
        }
    }
}
