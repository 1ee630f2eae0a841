//! The keys that an issuer publishes as a JSON Web Key Set, reduced to those that can verify tokens.
//!
//! Keys that do not fit the pinned algorithm are skipped: other key types, other uses, symmetric secrets,
//! weak keys, and keys published together with their private half, which are compromised.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use serde_json::Value;

use super::TokenError;
use crate::config::JwtAlgorithm;

/// Maximum number of keys in a set, skipped ones included.
const KEYS_MAX: usize = 100;
/// Allowed sizes of an RSA modulus in bytes: 2048 to 4096 bits.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=512;
/// Size in bytes of a P-256 coordinate and of an Ed25519 key.
const COORDINATE: usize = 32;

/// Keys by key id.
pub struct KeySet {
    keys: Vec<(Option<String>, DecodingKey)>,
    passed_over: usize,
}

/// Reason why a text is not a usable key set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetError {
    /// The text is not a JSON object with a list of keys.
    #[error("The key set is not a JSON object with a list of keys.")]
    NoSet,
    /// The set has too many keys.
    #[error("The key set has more than {KEYS_MAX} keys.")]
    TooMany,
}

#[derive(Deserialize)]
struct KeySetDocument {
    keys: Vec<Value>,
}

/// A key in its published form. Fields that are not read may hold any value.
#[derive(Deserialize)]
struct PublishedKey {
    kty: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default, rename = "use")]
    purpose: Option<String>,
    #[serde(default)]
    key_ops: Option<Vec<String>>,
    #[serde(default)]
    crv: Option<String>,
    #[serde(default)]
    n: Option<String>,
    #[serde(default)]
    e: Option<String>,
    #[serde(default)]
    x: Option<String>,
    #[serde(default)]
    y: Option<String>,
    #[serde(default)]
    d: Option<Value>,
}

impl KeySet {
    /// Parses a set and selects the keys that verify tokens of an algorithm.
    pub fn parse(text: &[u8], algorithm: JwtAlgorithm) -> Result<Self, SetError> {
        let set: KeySetDocument = serde_json::from_slice(text).map_err(|_| SetError::NoSet)?;
        let count = set.keys.len();
        if count > KEYS_MAX {
            return Err(SetError::TooMany);
        }
        let read = |value| {
            let key: PublishedKey = serde_json::from_value(value).ok()?;
            let decoding = key.fitting(algorithm)?;
            Some((key.kid, decoding))
        };
        let keys: Vec<_> = set.keys.into_iter().filter_map(read).collect();
        Ok(Self {
            passed_over: count - keys.len(),
            keys,
        })
    }

    /// Number of usable keys.
    pub fn count(&self) -> usize {
        self.keys.len()
    }

    /// Number of skipped keys.
    pub fn passed_over(&self) -> usize {
        self.passed_over
    }

    /// The key with the id that a token names. A token without a key id matches if the set has exactly one
    /// key. If several keys share the id, none is returned.
    pub(super) fn find(&self, kid: Option<&str>) -> Result<&DecodingKey, TokenError> {
        let fits = |name: &Option<String>| kid.is_none() || name.as_deref() == kid;
        let mut fitting = self.keys.iter().filter(|(name, _)| fits(name));
        match (fitting.next(), fitting.next()) {
            (Some((_, key)), None) => Ok(key),
            (None, _) => Err(TokenError::UnknownKey),
            (Some(_), Some(_)) => Err(TokenError::Invalid),
        }
    }
}

impl PublishedKey {
    /// The key, if it verifies tokens of an algorithm.
    fn fitting(&self, algorithm: JwtAlgorithm) -> Option<DecodingKey> {
        let (kind, curve, name) = match algorithm {
            // Symmetric secrets are never published.
            JwtAlgorithm::HS256 => return None,
            JwtAlgorithm::RS256 => ("RSA", None, "RS256"),
            JwtAlgorithm::ES256 => ("EC", Some("P-256"), "ES256"),
            JwtAlgorithm::EdDSA => ("OKP", Some("Ed25519"), "EdDSA"),
        };
        let verifies = |operations: &Vec<String>| operations.iter().any(|one| one == "verify");
        let fits = self.kty == kind
            && (curve.is_none() || self.crv.as_deref() == curve)
            && self.alg.as_deref().is_none_or(|alg| alg == name)
            && self.purpose.as_deref().is_none_or(|purpose| purpose == "sig")
            && self.key_ops.as_ref().is_none_or(verifies)
            && self.d.is_none();
        if !fits {
            return None;
        }
        match algorithm {
            JwtAlgorithm::HS256 => None,
            JwtAlgorithm::RS256 => {
                let (n, e) = (number(self.n.as_ref())?, number(self.e.as_ref())?);
                let is_odd = e.last().is_some_and(|last| last % 2 == 1);
                let is_sound = MODULUS.contains(&n.len()) && e.len() <= 4 && is_odd && e != [1];
                is_sound.then(|| DecodingKey::from_rsa_raw_components(&n, &e))
            }
            JwtAlgorithm::ES256 => {
                let (x, y) = (self.x.as_ref()?, self.y.as_ref()?);
                let is_sound = bytes(x)?.len() == COORDINATE && bytes(y)?.len() == COORDINATE;
                is_sound.then(|| DecodingKey::from_ec_components(x, y).ok())?
            }
            JwtAlgorithm::EdDSA => {
                let x = self.x.as_ref()?;
                (bytes(x)?.len() == COORDINATE).then(|| DecodingKey::from_ed_components(x).ok())?
            }
        }
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Decodes an unsigned integer and removes its leading zero bytes.
fn number(text: Option<&String>) -> Option<Vec<u8>> {
    let bytes = bytes(text?)?;
    let first = bytes.iter().position(|byte| *byte != 0)?;
    Some(bytes[first..].to_vec())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Any Ed25519 key.
    fn key(name: &str) -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "kid": name, "x": URL_SAFE_NO_PAD.encode([7; 32]) })
    }

    fn with(field: &str, value: Value) -> Value {
        let mut key = key("a");
        key[field] = value;
        key
    }

    fn parse(keys: &Value) -> KeySet {
        let text = json!({ "keys": keys, "more": 1 }).to_string();
        KeySet::parse(text.as_bytes(), JwtAlgorithm::EdDSA).expect("a set")
    }

    #[test]
    fn a_token_without_key_id_uses_the_only_key() {
        let two = parse(&json!([key("a"), key("b")]));
        assert!(two.find(Some("a")).is_ok() && two.find(Some("b")).is_ok());
        assert_eq!(two.find(Some("c")).err(), Some(TokenError::UnknownKey));
        assert_eq!(two.find(None).err(), Some(TokenError::Invalid));
        let one = parse(&json!([key("a")]));
        assert!(one.find(None).is_ok());
        assert_eq!(one.find(Some("")).err(), Some(TokenError::UnknownKey));
        let twins = parse(&json!([key("a"), key("a")]));
        assert_eq!(twins.find(Some("a")).err(), Some(TokenError::Invalid));
        assert_eq!(parse(&json!([])).find(None).err(), Some(TokenError::UnknownKey));
    }

    #[test]
    fn unusable_keys_are_skipped() {
        let unfit = json!([
            with("kty", json!("RSA")),
            with("kty", json!("EC")),
            with("crv", json!("X25519")),
            with("crv", json!(null)),
            with("alg", json!("ES256")),
            with("use", json!("enc")),
            with("key_ops", json!(["sign"])),
            with("key_ops", json!([])),
            with("d", json!("AAAA")),
            with("x", json!("AAAA")),
            with("x", json!("not base64!")),
            with("x", json!(7)),
            with("kid", json!(7)),
            { "kty": "oct", "k": "c2VjcmV0", "kid": "secret", "alg": "EdDSA" },
            {}, 7, "key", null,
        ]);
        let set = parse(&unfit);
        assert_eq!((set.count(), set.passed_over()), (0, 18));
        for fit in [
            with("alg", json!("EdDSA")),
            with("use", json!("sig")),
            with("key_ops", json!(["verify"])),
            with("kid", json!(null)),
            with("x5c", json!([7])),
        ] {
            assert_eq!(parse(&json!([fit])).count(), 1, "{fit}");
        }
    }

    #[test]
    fn rsa_keys_of_unsupported_sizes_are_skipped() {
        let rsa = |bytes: usize, e: &[u8]| {
            let n = [vec![0], vec![255; bytes]].concat();
            let [n, e] = [n, e.to_vec()].map(|number| URL_SAFE_NO_PAD.encode(number));
            let text = json!({ "keys": [{ "kty": "RSA", "n": n, "e": e }] }).to_string();
            KeySet::parse(text.as_bytes(), JwtAlgorithm::RS256)
                .expect("a set")
                .count()
        };
        for (bytes, e, count) in [
            (256, &[1, 0, 1][..], 1),
            (512, &[3], 1),
            (255, &[1, 0, 1], 0),
            (513, &[1, 0, 1], 0),
            (256, &[1], 0),
            (256, &[0, 0, 1], 0),
            (256, &[2], 0),
            (256, &[], 0),
            (256, &[0], 0),
            (256, &[1, 0, 0, 0, 1], 0),
        ] {
            assert_eq!(rsa(bytes, e), count, "{bytes} {e:?}");
        }
    }

    #[test]
    fn invalid_key_sets_are_reported() {
        let parse = |text: &str| KeySet::parse(text.as_bytes(), JwtAlgorithm::ES256).err();
        for text in [
            "",
            "{}",
            "[]",
            "null",
            "<html>",
            r#"{"keys":{}}"#,
            r#"{"keys":[}"#,
        ] {
            assert_eq!(parse(text), Some(SetError::NoSet), "{text}");
        }
        let many = json!({ "keys": vec![json!({}); 101] }).to_string();
        assert_eq!(parse(&many), Some(SetError::TooMany));
        let fewer = json!({ "keys": vec![json!({}); 100] }).to_string();
        assert_eq!(parse(&fewer), None);
    }
}
