//! The address to listen on: a host name or IP address, and a port.

use std::{fmt, net::SocketAddr};

use serde::{Deserialize, Serialize};

/// The error for an invalid value.
const FORM: &str = "The value must have the form HOST:PORT, such as 127.0.0.1:8080, localhost:8080 or [::1]:8080. :8080 \
                    listens on all IPv4 addresses, 8080 on 127.0.0.1 only.";

/// An address to listen on. A host name is resolved when the node starts to listen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "ListenValue", into = "String")]
pub struct ListenAddress {
    /// A host name, or an IP address without brackets.
    pub host: String,
    /// The port. 0 selects a free one.
    pub port: u16,
}

/// The value in the form of files, environment variables and flags.
#[derive(Deserialize)]
#[serde(untagged)]
enum ListenValue {
    Number(i64),
    Text(String),
}

impl TryFrom<ListenValue> for ListenAddress {
    type Error = &'static str;

    fn try_from(given: ListenValue) -> Result<Self, &'static str> {
        match given {
            ListenValue::Number(port) => Self::read(&port.to_string()),
            ListenValue::Text(text) => Self::read(&text),
        }
        .ok_or(FORM)
    }
}

impl From<SocketAddr> for ListenAddress {
    fn from(address: SocketAddr) -> Self {
        Self {
            host: address.ip().to_string(),
            port: address.port(),
        }
    }
}

impl From<ListenAddress> for String {
    fn from(listen: ListenAddress) -> Self {
        listen.to_string()
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl ListenAddress {
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Some(address.into());
        }
        let (host, port) = text.rsplit_once(':').unwrap_or(("127.0.0.1", text));
        let port = Some(port).filter(|port| port.bytes().all(|digit| digit.is_ascii_digit()));
        let is_name = |one: char| one.is_alphanumeric() || matches!(one, '.' | '-' | '_');
        let host = if host.is_empty() { "0.0.0.0" } else { host };
        host.chars().all(is_name).then_some(Self {
            host: host.to_owned(),
            port: port?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_common_address_form_is_read() {
        for (text, read) in [
            ("8080", "127.0.0.1:8080"),
            (":8080", "0.0.0.0:8080"),
            ("localhost:8080", "localhost:8080"),
            ("[::1]:8080", "[::1]:8080"),
            ("[::]:0", "[::]:0"),
            ("127.0.0.1:65535", "127.0.0.1:65535"),
            (" my-host.example:80 ", "my-host.example:80"),
        ] {
            let read_again = ListenAddress::read(text).map(|listen| listen.to_string());
            assert_eq!(read_again.as_deref(), Some(read), "{text}");
        }
        for text in [
            "",
            ":",
            "here",
            "65536",
            "-1",
            "+80",
            "::1:8080",
            "http://host:80",
            "host:",
            "host:http",
            "[::1]",
            "a b:1",
            "127.0.0.1",
        ] {
            assert_eq!(ListenAddress::read(text), None, "{text}");
        }
    }
}
