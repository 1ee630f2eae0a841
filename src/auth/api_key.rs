//! Form of an API key: `dk_` and 43 random characters. Only the hash of a key is stored.

use std::fmt::Write as _;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::clock::Clock;

/// Prefix of every key. Distinguishes keys from tokens.
pub const PREFIX: &str = "dk_";
/// Number of characters that are stored to recognize a key.
const SHOWN: usize = 10;

/// A new key. The secret is shown once and not stored.
#[derive(Clone)]
pub struct NewKey {
    /// The key itself.
    pub secret: String,
    /// The first 10 characters of the key.
    pub prefix: String,
    /// SHA-256 hash of the key, in hexadecimal.
    pub hash: String,
}

pub fn generate(clock: &Clock) -> NewKey {
    let secret = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(clock.random()));
    NewKey {
        prefix: secret.chars().take(SHOWN).collect(),
        hash: hash(&secret),
        secret,
    }
}

/// The hash that keys are looked up by. A key holds 256 random bits, so an unsalted SHA-256 hash cannot be
/// reversed.
pub fn hash(secret: &str) -> String {
    Sha256::digest(secret.as_bytes())
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing into a `String` cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Whether a credential has the form of a key.
pub fn looks_like_one(credential: &str) -> bool {
    credential.starts_with(PREFIX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_recognised_and_its_hash_is_stable() {
        let key = generate(&Clock::system());
        assert!(looks_like_one(&key.secret) && key.secret.len() == 46);
        assert_eq!(key.hash, hash(&key.secret));
        assert!(key.secret.starts_with(&key.prefix));
    }
}
