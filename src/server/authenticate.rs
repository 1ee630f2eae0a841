//! Resolves credentials to viewers.
//!
//! A credential is a token or an API key after `Bearer`, in the `Authorization` header or in the payload of a
//! socket's `connection_init` message. The reason of a rejection is logged. The caller learns only that the
//! credential was rejected.

use axum::http::{HeaderMap, header::AUTHORIZATION};
use serde_json::Value;

use super::ServerState;
use crate::{auth::Viewer, service};

/// Reason why a request has no viewer.
#[derive(Debug)]
pub enum Refused {
    /// The credential is missing or was rejected.
    Unauthenticated,
    /// The lookup of the credential failed.
    Failed(service::Error),
}

/// The credential in the headers of a request.
pub fn from_headers(headers: &HeaderMap) -> Option<&str> {
    bearer(headers.get(AUTHORIZATION)?.to_str().ok()?)
}

/// Value of the `WWW-Authenticate` header for a request without a viewer (RFC 6750). Contains an error only
/// if the request has a credential.
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

pub async fn viewer(state: &ServerState, credential: Option<&str>) -> Result<Viewer, Refused> {
    let credential = credential.ok_or(Refused::Unauthenticated)?;
    let found = service::authenticate(&state.services, &state.keyring, credential).await;
    found.map_err(|refused| match refused {
        service::CredentialError::Failed(error) => Refused::Failed(error),
        refused => {
            tracing::debug!(error = %refused, "rejected a credential");
            Refused::Unauthenticated
        }
    })
}
