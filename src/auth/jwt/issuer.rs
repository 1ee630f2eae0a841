//! Signs tokens.

use entity::{Timestamp, WorkspaceId};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

use super::{KeyError, TokenRole, algorithm, install_crypto, read, wrong_key};
use crate::config::{JwtAlgorithm, Settings};

/// Claims of a token that Deskgraph issues.
#[derive(Clone, Debug, Serialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    role: TokenRole,
    workspaces: Vec<String>,
    iat: i64,
    exp: i64,
}

/// Signs tokens.
pub struct Issuer {
    key: EncodingKey,
    algorithm: Algorithm,
    iss: String,
    aud: String,
}

impl Issuer {
    /// Reads the shared secret or the private key from the settings. Fails when it is missing or cannot sign.
    pub fn new(settings: &Settings) -> Result<Self, KeyError> {
        install_crypto();
        let missing = |name: &str| KeyError(format!("{name}: This setting is required to issue tokens."));
        let key = match settings.jwt_algorithm {
            JwtAlgorithm::HS256 => {
                let secret = settings
                    .jwt_secret
                    .as_ref()
                    .ok_or_else(|| missing("jwt_secret"))?;
                EncodingKey::from_secret(secret.reveal().as_bytes())
            }
            other => {
                let path = settings
                    .jwt_private_key_file
                    .as_ref()
                    .ok_or_else(|| missing("jwt_private_key_file"))?;
                let pem = read("jwt_private_key_file", path)?;
                match other {
                    JwtAlgorithm::RS256 => EncodingKey::from_rsa_pem(&pem),
                    JwtAlgorithm::ES256 => EncodingKey::from_ec_pem(&pem),
                    _ => EncodingKey::from_ed_pem(&pem),
                }
                .map_err(|_| wrong_key("jwt_private_key_file", other))?
            }
        };
        let algorithm = algorithm(settings.jwt_algorithm);
        // A key of the right form may still be unable to sign. The trial signature reports this at the start
        // and not with the first token.
        jsonwebtoken::crypto::sign(b"", &key, algorithm)
            .map_err(|_| wrong_key("jwt_private_key_file", settings.jwt_algorithm))?;
        Ok(Self {
            key,
            algorithm,
            iss: settings.jwt_issuer.clone(),
            aud: settings.jwt_audience.clone(),
        })
    }

    /// Issues a token for a subject, valid from `now` for `seconds` seconds.
    pub fn issue(
        &self,
        subject: &str,
        role: TokenRole,
        workspaces: &[WorkspaceId],
        now: Timestamp,
        seconds: i64,
    ) -> Result<String, KeyError> {
        let now = now.0 / 1000;
        let claims = Claims {
            iss: self.iss.clone(),
            aud: self.aud.clone(),
            sub: subject.to_owned(),
            role,
            workspaces: workspaces.iter().map(ToString::to_string).collect(),
            iat: now,
            exp: now.saturating_add(seconds),
        };
        jsonwebtoken::encode(&Header::new(self.algorithm), &claims, &self.key)
            .map_err(|_| KeyError("Cannot sign the token with this key.".to_owned()))
    }
}
