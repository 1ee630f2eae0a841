//! Verifies tokens.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::{AgentId, CustomerId, Timestamp, WorkspaceId, agent::Role};
use jsonwebtoken::{DecodingKey, Validation};
use parking_lot::RwLock;
use serde::{Deserialize, Deserializer, de::IgnoredAny};

use super::{
    KeyError, KeySet, LEEWAY, Times, TokenError, TokenRole,
    accepted::{Accepted, AcceptedTokens},
    algorithm, install_crypto, read, wrong_key,
};
use crate::{
    auth::Viewer,
    clock::Clock,
    config::{JwtAlgorithm, Settings},
};

/// Maximum size of a token in bytes. Longer tokens are rejected before they are parsed.
const TOKEN_MAX: usize = 8 << 10;

/// Minimum size of an RSA key in bits. Signatures of smaller keys are rejected.
const RSA_BITS: usize = 2048;

/// Claims that are read from a token. The library checks the issuer and the audience.
#[derive(Debug, Deserialize)]
struct TokenClaims {
    /// Requires a single issuer: the library would accept a list that contains the expected one.
    #[serde(rename = "iss")]
    _iss: String,
    sub: String,
    role: TokenRole,
    workspaces: Vec<String>,
    #[serde(default)]
    nbf: Option<i64>,
    exp: i64,
}

/// Fields that are read from the header of a token before its signature is checked.
#[derive(Debug, Deserialize)]
struct TokenHeader {
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    crit: FieldPresence,
}

/// Whether a field is present, with any value.
#[derive(Debug, Default)]
struct FieldPresence(bool);

impl<'de> Deserialize<'de> for FieldPresence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self(true))
    }
}

/// Keys that verify tokens.
enum Keys {
    /// No key: every token is rejected.
    None,
    /// The one key of the settings.
    One(DecodingKey),
    /// The keys that the issuer publishes. Empty until they are loaded.
    Published(RwLock<Published>),
}

/// Published keys.
#[derive(Clone, Default)]
struct Published {
    set: Option<Arc<KeySet>>,
    /// Number of times that the keys were replaced.
    generation: u64,
}

pub struct Verifier {
    keys: Keys,
    validation: Validation,
    accepted: AcceptedTokens,
    clock: Clock,
}

impl Verifier {
    /// Reads the key from the settings. Without a key every token is rejected. When the issuer publishes its
    /// keys, tokens are rejected until the keys are loaded.
    pub fn new(settings: &Settings, clock: Clock) -> Result<Self, KeyError> {
        install_crypto();
        let mut validation = Validation::new(algorithm(settings.jwt_algorithm));
        validation.set_issuer(&[&settings.jwt_issuer]);
        validation.set_audience(&[&settings.jwt_audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The times are checked below, against `clock`.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let keys = if settings.jwt_jwks_file.is_some() || settings.jwt_jwks_url.is_some() {
            Keys::Published(RwLock::default())
        } else {
            verifying_key(settings)?.map_or(Keys::None, Keys::One)
        };
        Ok(Self {
            keys,
            validation,
            accepted: AcceptedTokens::default(),
            clock,
        })
    }

    /// Replaces the published keys. `None` rejects every token.
    pub fn put(&self, set: Option<KeySet>) {
        if let Keys::Published(keys) = &self.keys {
            let mut published = keys.write();
            published.set = set.map(Arc::new);
            published.generation += 1;
        }
    }

    pub fn verify(&self, token: &str) -> Result<Viewer, TokenError> {
        if token.len() > TOKEN_MAX {
            return Err(TokenError::Invalid);
        }
        let published = self.published();
        let hash = AcceptedTokens::hash(token);
        if let Some(known) = self.accepted.find(&hash, published.generation) {
            known.times.check(self.clock.now())?;
            return Ok(known.viewer);
        }
        let head = head(token)?;
        let read = |key: &DecodingKey| {
            jsonwebtoken::decode::<TokenClaims>(token, key, &self.validation).map_err(|_| TokenError::Invalid)
        };
        let claims = match &self.keys {
            Keys::None => return Err(TokenError::NotConfigured),
            Keys::One(key) => read(key)?,
            Keys::Published(_) => {
                let set = published.set.ok_or(TokenError::UnknownKey)?;
                read(set.find(head.kid.as_deref())?)?
            }
        }
        .claims;
        let (nbf, exp) = (claims.nbf, claims.exp);
        let times = Times { nbf, exp };
        times.check(self.clock.now())?;
        let until = claims.exp.saturating_add(LEEWAY).saturating_mul(1000);
        let viewer = viewer(&claims)?.until(Some(Timestamp(until)));
        let accepted = Accepted {
            viewer: viewer.clone(),
            times,
            generation: published.generation,
        };
        self.accepted.put(hash, accepted);
        Ok(viewer)
    }

    fn published(&self) -> Published {
        match &self.keys {
            Keys::None | Keys::One(_) => Published::default(),
            Keys::Published(keys) => keys.read().clone(),
        }
    }
}

/// Reads the header of a token, which must have three parts.
fn head(token: &str) -> Result<TokenHeader, TokenError> {
    let [head, _, _] = token.split('.').collect::<Vec<_>>()[..] else {
        return Err(TokenError::Invalid);
    };
    let head = URL_SAFE_NO_PAD.decode(head).map_err(|_| TokenError::Invalid)?;
    let head: TokenHeader = serde_json::from_slice(&head).map_err(|_| TokenError::Invalid)?;
    if head.crit.0 {
        return Err(TokenError::Invalid);
    }
    Ok(head)
}

fn viewer(claims: &TokenClaims) -> Result<Viewer, TokenError> {
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

fn verifying_key(settings: &Settings) -> Result<Option<DecodingKey>, KeyError> {
    if settings.jwt_algorithm == JwtAlgorithm::HS256 {
        let secret = settings.jwt_secret.as_ref();
        return Ok(secret.map(|secret| DecodingKey::from_secret(secret.reveal().as_bytes())));
    }
    let Some(path) = &settings.jwt_public_key_file else {
        return Ok(None);
    };
    let pem = read("jwt_public_key_file", path)?;
    let key = match settings.jwt_algorithm {
        JwtAlgorithm::RS256 => DecodingKey::from_rsa_pem(&pem),
        JwtAlgorithm::ES256 => DecodingKey::from_ec_pem(&pem),
        _ => DecodingKey::from_ed_pem(&pem),
    }
    .map_err(|_| wrong_key("jwt_public_key_file", settings.jwt_algorithm))?;
    // The encoded key is only a few bytes longer than its modulus.
    let is_weak = |bytes: &[u8]| bytes.len() < RSA_BITS / 8;
    if settings.jwt_algorithm == JwtAlgorithm::RS256 && key.try_get_as_bytes().is_ok_and(is_weak) {
        let reason = format!("jwt_public_key_file: The RSA key has less than {RSA_BITS} bits.");
        return Err(KeyError(reason));
    }
    Ok(Some(key))
}
