//! Resolves a credential to a viewer, in the same way for requests, WebSocket connections and the command
//! line.
//!
//! A credential is a token or an API key. Its form shows which.

use super::{Error, Services, agent, api_key};
use crate::{
    auth::{Identity, Viewer, api_key::looks_like_one, jwt::TokenError},
    keyring::Keyring,
};

/// Reason why a credential is rejected. Network clients do not learn which of the first two applies.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The key does not exist or is no longer valid.
    #[error("the API key is unknown, has expired or was revoked")]
    Key,
    /// The token belongs to an inactive agent.
    #[error("the agent is no longer active")]
    Agent,
    #[error(transparent)]
    Failed(#[from] Error),
}

pub async fn authenticate(
    services: &Services,
    keyring: &Keyring,
    credential: &str,
) -> Result<Viewer, CredentialError> {
    if looks_like_one(credential) {
        let found = api_key::authenticate(services, credential).await?;
        return found.ok_or(CredentialError::Key);
    }
    let viewer = keyring.verify(credential).await?;
    match viewer.identity {
        Identity::Agent(id) if !agent::is_working(services, &viewer, id).await? => {
            Err(CredentialError::Agent)
        }
        _ => Ok(viewer),
    }
}
