//! The form of an API key: `dk_` and 43 random characters. Only its hash is kept.

use std::fmt::Write as _;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::clock::Clock;

/// How every key begins: tells a key from a token.
pub const PREFIX: &str = "dk_";
/// How many characters are kept to recognise a key by.
const SHOWN: usize = 10;

/// A new key: shown once, then forgotten.
#[derive(Clone)]
pub struct NewKey {
    /// The key itself.
    pub secret: String,
    /// Its first characters.
    pub prefix: String,
    /// Its hash.
    pub hash: String,
}

/// Makes a key.
pub fn generate(clock: &Clock) -> NewKey {
    let secret = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(clock.random()));
    NewKey {
        prefix: secret.chars().take(SHOWN).collect(),
        hash: hash(&secret),
        secret,
    }
}

/// The hash by which a key is found. A key holds 256 random bits, so a plain hash cannot be turned back.
pub fn hash(secret: &str) -> String {
    Sha256::digest(secret.as_bytes())
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing into a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Whether a credential is meant to be a key.
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
