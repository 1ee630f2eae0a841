//! The URL of a NATS server, with its credentials.

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use url::Url;

use super::Secret;

/// Default port of NATS.
const PORT: u16 = 4222;

const FORM: &str = "The value must have the form nats://HOST:PORT or tls://HOST:PORT, optionally with USER:PASSWORD@ or TOKEN@ before the \
     host.";

/// A parsed NATS URL. Separates the address, which may be printed, from the credentials.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Secret")]
pub struct NatsUrl {
    server: String,
    is_tls: bool,
    login: NatsLogin,
}

/// Credentials for NATS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NatsLogin {
    /// No credentials.
    Nobody,
    Token(Secret),
    /// A user name and a password.
    User(Secret, Secret),
}

impl NatsUrl {
    /// The address without credentials.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Whether TLS is required.
    pub fn is_tls(&self) -> bool {
        self.is_tls
    }

    pub fn login(&self) -> &NatsLogin {
        &self.login
    }
}

impl TryFrom<Secret> for NatsUrl {
    /// The required form. The error omits the value, because it may contain a password.
    type Error = &'static str;

    fn try_from(text: Secret) -> Result<Self, Self::Error> {
        let url = Url::parse(text.reveal()).map_err(|_| FORM)?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(FORM)?;
        let is_bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
        if !matches!(url.scheme(), "nats" | "tls") || !is_bare {
            return Err(FORM);
        }
        let login = match (url.username(), url.password()) {
            ("", None) => NatsLogin::Nobody,
            ("", Some(_)) => return Err(FORM),
            (token, None) => NatsLogin::Token(decoded(token)?),
            (name, Some(password)) => NatsLogin::User(decoded(name)?, decoded(password)?),
        };
        let port = url.port().unwrap_or(PORT);
        Ok(Self {
            server: format!("{}://{host}:{port}", url.scheme()),
            is_tls: url.scheme() == "tls",
            login,
        })
    }
}

fn decoded(text: &str) -> Result<Secret, &'static str> {
    let text = percent_decode_str(text).decode_utf8().map_err(|_| FORM)?;
    Ok(Secret::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<NatsUrl, &'static str> {
        NatsUrl::try_from(Secret::new(text))
    }

    #[test]
    fn a_nats_url_is_parsed_into_its_parts() {
        let user = NatsLogin::User(Secret::new("deskgraph"), Secret::new("p@ss/ü"));
        for (text, server, is_tls, login) in [
            ("nats://host", "nats://host:4222", false, NatsLogin::Nobody),
            ("tls://10.0.0.1:1/", "tls://10.0.0.1:1", true, NatsLogin::Nobody),
            ("nats://[::1]:2", "nats://[::1]:2", false, NatsLogin::Nobody),
            (
                "nats://tok%2Fen@host",
                "nats://host:4222",
                false,
                NatsLogin::Token(Secret::new("tok/en")),
            ),
            (
                "tls://deskgraph:p%40ss%2F%C3%BC@host",
                "tls://host:4222",
                true,
                user,
            ),
        ] {
            let url = parse(text).expect(text);
            assert_eq!(
                (url.server(), url.is_tls(), url.login()),
                (server, is_tls, &login)
            );
        }
    }

    #[test]
    fn the_error_for_an_invalid_url_omits_it() {
        for text in [
            "",
            "host:4222",
            "host",
            "http://host",
            "ws://host",
            "nats:host",
            "nats://",
            "nats://user:secret@",
            "nats://:4222",
            "nats://:secret@host",
            "nats://host:port",
            "nats://host:99999",
            "nats://host/path",
            "nats://host?tls=1",
            "nats://one,nats://two",
            "nats://%ff@host",
        ] {
            assert_eq!(parse(text), Err(FORM), "{text}");
        }
    }

    #[test]
    fn debug_output_contains_no_credentials() {
        let printed = format!("{:?}", parse("nats://ada:secret@host"));
        assert!(printed.contains("host") && !printed.contains("ada") && !printed.contains("secret"));
    }
}
