//! Tokens of people: signed claims, read and written.
//!
//! One algorithm is pinned by the settings; a token that names another is refused, whatever its signature. Issuer,
//! audience and the times are checked, the times against our own clock. A token with critical headers is refused: none
//! is understood here. What a token says of keys of its own is not looked at, but for the name of the key (`kid`) where
//! the issuer publishes several.

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

/// The role in a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenRole {
    /// An agent who also manages.
    Admin,
    /// An agent.
    Agent,
    /// A customer.
    Customer,
}

/// Seconds by which clocks may differ.
const LEEWAY: i64 = 30;

/// When a token holds, in seconds.
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

/// Why a token is not accepted. For the log: the caller is told nothing more than that it was not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// No key is configured.
    #[error("no key for tokens is configured")]
    NotConfigured,
    /// No key of the issuer fits it, or its keys are not known yet.
    #[error("no key of the issuer matches the token")]
    UnknownKey,
    /// The form, the algorithm or the signature is wrong, or a claim is missing.
    #[error("the token is malformed or its signature is invalid")]
    Invalid,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the token is not valid yet")]
    NotYet,
    /// The claims contradict each other.
    #[error("the claims of the token are inconsistent")]
    Claims,
}

/// Why tokens cannot be set up: a sentence that names the setting.
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
