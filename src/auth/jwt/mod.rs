//! Tokens of people: signed claims (JWT), issued and verified.
//!
//! The settings pin one algorithm. A token that names another one is rejected, even with a valid signature.
//! The issuer, the audience and the times are checked, the times against [`Clock`](crate::clock::Clock). A
//! token with critical headers (`crit`) is rejected, because none is supported. Key material in the header of
//! a token is ignored, except for the key id (`kid`) when the issuer publishes several keys.

mod accepted;
mod crypto;
mod issuer;
mod key_set;
mod verifier;

use entity::Timestamp;
use jsonwebtoken::Algorithm;
use serde::{Deserialize, Serialize};

pub use crypto::install as install_crypto;
pub use issuer::Issuer;
pub use key_set::{KeySet, SetError};
pub use verifier::Verifier;

use crate::config::JwtAlgorithm;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenRole {
    /// An agent with the grant `admin`.
    Admin,
    Agent,
    Customer,
}

/// Tolerated clock difference in seconds.
const LEEWAY: i64 = 30;

/// Period in which a token is valid, in seconds since 1970.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    nbf: Option<i64>,
    exp: i64,
}

impl Times {
    fn check(self, now: Timestamp) -> Result<(), TokenError> {
        let now = now.0 / 1000;
        if self.exp.saturating_add(LEEWAY) <= now {
            return Err(TokenError::Expired);
        }
        if self.nbf.is_some_and(|from| from > now.saturating_add(LEEWAY)) {
            return Err(TokenError::NotYet);
        }
        Ok(())
    }
}

/// Reason why a token is rejected. For the log only: the caller learns just that the token was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// No key is configured.
    #[error("no key for tokens is configured")]
    NotConfigured,
    /// No key of the issuer matches the token, or its keys have not been loaded.
    #[error("no key of the issuer matches the token")]
    UnknownKey,
    /// The form, the algorithm or the signature is wrong, or a claim is missing.
    #[error("the token is malformed or its signature is invalid")]
    Invalid,
    #[error("the token has expired")]
    Expired,
    /// The token is not valid yet.
    #[error("the token is not valid yet")]
    NotYet,
    /// The claims are inconsistent.
    #[error("the claims of the token are inconsistent")]
    Claims,
}

/// Reason why tokens cannot be set up: a sentence that names the setting.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct KeyError(pub String);

fn algorithm(setting: JwtAlgorithm) -> Algorithm {
    match setting {
        JwtAlgorithm::HS256 => Algorithm::HS256,
        JwtAlgorithm::RS256 => Algorithm::RS256,
        JwtAlgorithm::ES256 => Algorithm::ES256,
        JwtAlgorithm::EdDSA => Algorithm::EdDSA,
    }
}

fn read(setting: &str, path: &std::path::Path) -> Result<Vec<u8>, KeyError> {
    std::fs::read(path)
        .map_err(|error| KeyError(format!("{setting}: Cannot read {}: {error}.", path.display())))
}

fn wrong_key(setting: &str, algorithm: JwtAlgorithm) -> KeyError {
    KeyError(format!(
        "{setting}: The file does not contain a PEM key for {algorithm:?}."
    ))
}
