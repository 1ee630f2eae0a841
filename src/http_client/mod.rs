//! Outgoing HTTP requests: trusted certificates, bounded responses, delays before retries.
//!
//! Layer 2. Used by imports, which call vendors, and by the keyring, which calls the token issuer. Every
//! response is read with a bound. Redirects are not followed, because they would send credentials or requests
//! to a host that the operator did not name.

pub mod backoff;
pub mod tls;

use reqwest::{ClientBuilder, Response, redirect::Policy};

/// A client builder with the common settings. The caller sets the timeouts.
pub fn client() -> Result<ClientBuilder, rustls::Error> {
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls::config()?)
        .user_agent(concat!("deskgraph/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none()))
}

/// Reads the body of a response. Returns `None` when it is larger than `max` bytes.
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

/// The text of an error and of its causes. The outermost error says only that a request failed.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
