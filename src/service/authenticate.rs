//! From a credential to a viewer: one way for requests, sockets and the command line.
//!
//! A credential is a token or an API key; the form tells which.

use super::{Error, Services, agent, api_key};
use crate::{
    auth::{Identity, Viewer, api_key::looks_like_one, jwt::TokenError},
    keyring::Keyring,
};

/// Why a credential speaks for nobody. Who comes over the network is not told which of the first two it is.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The token is not accepted.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// There is no such key, or none any more.
    #[error("the API key is unknown, has expired or was revoked")]
    Key,
    /// The token is that of an agent who no longer works.
    #[error("the agent is no longer active")]
    Agent,
    /// The credential could not be looked up.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// The viewer whom a credential speaks for.
pub async fn authenticate(
    services: &Services,
    keyring: &Keyring,
    credential: &str,
) -> Result<Viewer, Refused> {
    if looks_like_one(credential) {
        let found = api_key::authenticate(services, credential).await?;
        return found.ok_or(Refused::Key);
    }
    let viewer = keyring.verify(credential).await?;
    match viewer.identity {
        Identity::Agent(id) if !agent::works(services, &viewer, id).await? => Err(Refused::Agent),
        _ => Ok(viewer),
    }
}
