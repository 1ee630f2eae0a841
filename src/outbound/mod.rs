//! Asking others over HTTP: whom to believe, how much to read, how long to wait before asking again.
//!
//! Layer 2. Used by imports, which ask vendors, and by the keyring, which asks the issuer of tokens. No answer is read
//! without a bound, and no redirect is followed: credentials would go along, or somebody would be asked whom the
//! operator did not name.

pub mod tls;
pub mod wait;

use reqwest::{ClientBuilder, Response, redirect::Policy};

/// A client of ours; who uses it sets its timeouts.
pub fn client() -> Result<ClientBuilder, rustls::Error> {
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls::config()?)
        .user_agent(concat!("deskgraph/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none()))
}

/// The body of an answer; none when it is larger than so many bytes.
pub async fn read(mut response: Response, max: usize) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await? {
        if body.len() + piece.len() > max {
            return Ok(None);
        }
        body.extend_from_slice(&piece);
    }
    Ok(Some(body))
}

/// An error with what caused it: the outermost says only that a request failed.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
