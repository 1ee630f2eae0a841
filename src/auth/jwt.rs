//! Tokens of people: signed claims, read and written.
//!
//! One algorithm is pinned by the settings; a token that names another is refused, whatever its signature. Issuer,
//! audience and the times are checked, the times against our own clock. A token with a critical header that nobody
//! here understands is refused.

use entity::{AgentId, CustomerId, Timestamp, WorkspaceId, agent::Role};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use super::Viewer;
use crate::{
    clock::Clock,
    config::{JwtAlgorithm, Settings},
};

/// Seconds by which clocks may differ.
const LEEWAY: i64 = 30;

/// What is read of a token, beside issuer and audience, which the library checks.
#[derive(Debug, Deserialize)]
struct Read {
    sub: String,
    role: TokenRole,
    workspaces: Vec<String>,
    #[serde(default)]
    nbf: Option<i64>,
    exp: i64,
}

/// What a token of ours says.
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

/// Why a token is not accepted. For the log: the caller is told nothing more than that it was not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// No key is configured.
    #[error("no key for tokens is configured")]
    NotConfigured,
    /// The form, the algorithm or the signature is wrong, or a claim is missing.
    #[error("the token is malformed or not signed as it should be")]
    Invalid,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the token does not hold yet")]
    NotYet,
    /// The claims contradict each other.
    #[error("the claims of the token do not fit together")]
    Claims,
}

/// Why tokens cannot be set up: a sentence that names the setting.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct KeyError(String);

/// Reads tokens.
pub struct Verifier {
    key: Option<DecodingKey>,
    validation: Validation,
    clock: Clock,
}

impl Verifier {
    /// From the settings. Without a key every token is refused.
    pub fn new(settings: &Settings, clock: Clock) -> Result<Self, KeyError> {
        let mut validation = Validation::new(algorithm(settings.jwt_algorithm));
        validation.set_issuer(&[&settings.jwt_issuer]);
        validation.set_audience(&[&settings.jwt_audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Times are checked below, against our own clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Ok(Self {
            key: verifying_key(settings)?,
            validation,
            clock,
        })
    }

    /// The viewer that a token speaks for.
    pub fn verify(&self, token: &str) -> Result<Viewer, TokenError> {
        let key = self.key.as_ref().ok_or(TokenError::NotConfigured)?;
        let data =
            jsonwebtoken::decode::<Read>(token, key, &self.validation).map_err(|_| TokenError::Invalid)?;
        if data.header.crit.is_some() {
            return Err(TokenError::Invalid);
        }
        let now = self.clock.now().0 / 1000;
        if data.claims.exp.saturating_add(LEEWAY) <= now {
            return Err(TokenError::Expired);
        }
        if data
            .claims
            .nbf
            .is_some_and(|from| from > now.saturating_add(LEEWAY))
        {
            return Err(TokenError::NotYet);
        }
        let until = data.claims.exp.saturating_add(LEEWAY).saturating_mul(1000);
        Ok(viewer(&data.claims)?.until(Some(Timestamp(until))))
    }
}

fn viewer(claims: &Read) -> Result<Viewer, TokenError> {
    let workspaces: Vec<WorkspaceId> = claims
        .workspaces
        .iter()
        .map(|id| id.parse().map_err(|_| TokenError::Claims))
        .collect::<Result<_, _>>()?;
    let agent = |role| {
        let id: AgentId = claims.sub.parse().map_err(|_| TokenError::Claims)?;
        Ok(Viewer::agent(id, role, &workspaces))
    };
    match (claims.role, &*workspaces) {
        (_, []) => Err(TokenError::Claims),
        (TokenRole::Admin, _) => agent(Role::Admin),
        (TokenRole::Agent, _) => agent(Role::Agent),
        (TokenRole::Customer, [only]) => {
            let id: CustomerId = claims.sub.parse().map_err(|_| TokenError::Claims)?;
            Ok(Viewer::customer(id, *only))
        }
        (TokenRole::Customer, _) => Err(TokenError::Claims),
    }
}

/// Writes tokens.
pub struct Issuer {
    key: EncodingKey,
    algorithm: Algorithm,
    iss: String,
    aud: String,
}

impl Issuer {
    /// From the settings: the shared secret, or the private key.
    pub fn new(settings: &Settings) -> Result<Self, KeyError> {
        let missing = |name: &str| KeyError(format!("{name}: is needed to issue tokens"));
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
        Ok(Self {
            key,
            algorithm: algorithm(settings.jwt_algorithm),
            iss: settings.jwt_issuer.clone(),
            aud: settings.jwt_audience.clone(),
        })
    }

    /// A token for somebody, good for some seconds from now.
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
            .map_err(|_| KeyError("the token could not be signed with this key".to_owned()))
    }
}

fn algorithm(setting: JwtAlgorithm) -> Algorithm {
    match setting {
        JwtAlgorithm::HS256 => Algorithm::HS256,
        JwtAlgorithm::RS256 => Algorithm::RS256,
        JwtAlgorithm::ES256 => Algorithm::ES256,
        JwtAlgorithm::EdDSA => Algorithm::EdDSA,
    }
}

fn verifying_key(settings: &Settings) -> Result<Option<DecodingKey>, KeyError> {
    if settings.jwt_algorithm == JwtAlgorithm::HS256 {
        let secret = settings.jwt_secret.as_ref();
        return Ok(secret.map(|secret| DecodingKey::from_secret(secret.reveal().as_bytes())));
    }
    let Some(path) = &settings.jwt_public_key_file else {
        return Ok(None);
    };
    let pem = read("jwt_public_key_file", path)?;
    match settings.jwt_algorithm {
        JwtAlgorithm::RS256 => DecodingKey::from_rsa_pem(&pem),
        JwtAlgorithm::ES256 => DecodingKey::from_ec_pem(&pem),
        _ => DecodingKey::from_ed_pem(&pem),
    }
    .map(Some)
    .map_err(|_| wrong_key("jwt_public_key_file", settings.jwt_algorithm))
}

fn read(setting: &str, path: &std::path::Path) -> Result<Vec<u8>, KeyError> {
    std::fs::read(path)
        .map_err(|error| KeyError(format!("{setting}: {} cannot be read: {error}", path.display())))
}

fn wrong_key(setting: &str, algorithm: JwtAlgorithm) -> KeyError {
    KeyError(format!("{setting}: does not hold a PEM key for {algorithm:?}"))
}
