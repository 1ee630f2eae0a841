//! From a credential to a viewer.
//!
//! A credential is a token or an API key, after `Bearer`, in the `Authorization` header or in the payload of a socket's
//! `connection_init`. Why one is refused is for the log; the caller learns only that it is.

use axum::http::{HeaderMap, header::AUTHORIZATION};
use serde_json::Value;

use super::ServerState;
use crate::{auth::Viewer, service};

/// Why there is no viewer.
#[derive(Debug)]
pub enum Refused {
    /// No credential, or one that is not accepted.
    Unauthenticated,
    /// The credential could not be looked up.
    Failed(service::Error),
}

/// The credential in the headers.
pub fn from_headers(headers: &HeaderMap) -> Option<&str> {
    bearer(headers.get(AUTHORIZATION)?.to_str().ok()?)
}

/// How one without a viewer is told what is needed (RFC 6750). No fault is told of one who brought no token.
pub fn challenge(headers: &HeaderMap) -> &'static str {
    if from_headers(headers).is_some() {
        r#"Bearer realm="deskgraph", error="invalid_token""#
    } else {
        r#"Bearer realm="deskgraph""#
    }
}

/// The credential in the payload of `connection_init`.
pub fn from_payload(payload: &Value) -> Option<&str> {
    let fields = payload.as_object()?;
    let header = fields
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(AUTHORIZATION.as_str()));
    bearer(header?.1.as_str()?)
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, credential) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| credential.trim())
}

/// The viewer whom a credential speaks for.
pub async fn viewer(state: &ServerState, credential: Option<&str>) -> Result<Viewer, Refused> {
    let credential = credential.ok_or(Refused::Unauthenticated)?;
    let found = service::authenticate(&state.services, &state.keyring, credential).await;
    found.map_err(|refused| match refused {
        service::Refused::Failed(error) => Refused::Failed(error),
        refused => {
            tracing::debug!(error = %refused, "rejected a credential");
            Refused::Unauthenticated
        }
    })
}
