//! Cache of accepted tokens, so that each signature is verified only once.
//!
//! The cache stores the SHA-256 hash of a token, never the token. Rejected tokens are not cached, so that
//! invalid tokens cannot fill the cache. An entry is valid only for the set of keys that verified it. The
//! times of a token are checked at every use.

use sha2::{Digest, Sha256};

use super::Times;
use crate::{auth::Viewer, cache::Cache};

/// Size of the cache in bytes, enough for about ten thousand tokens.
const CACHE_BYTES: usize = 4 << 20;

/// Accepted tokens by hash.
pub struct AcceptedTokens(Cache<TokenHash, Accepted>);

/// SHA-256 hash of a token.
pub type TokenHash = [u8; 32];

/// Content of an accepted token.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The viewer that the token identifies.
    pub viewer: Viewer,
    pub times: Times,
    /// Generation of the key set that verified the token.
    pub generation: u64,
}

impl Default for AcceptedTokens {
    fn default() -> Self {
        Self(Cache::new(CACHE_BYTES, 1 << 10))
    }
}

impl AcceptedTokens {
    pub fn hash(token: &str) -> TokenHash {
        Sha256::digest(token.as_bytes()).into()
    }

    /// The content of a token, if the key set of this generation verified it.
    pub fn find(&self, hash: &TokenHash, generation: u64) -> Option<Accepted> {
        self.0.get(hash).filter(|known| known.generation == generation)
    }

    pub fn put(&self, hash: TokenHash, accepted: Accepted) {
        let bytes = size_of_val(&*accepted.viewer.workspaces);
        self.0.put(hash, accepted, bytes);
    }
}

#[cfg(test)]
mod tests {
    use entity::{AgentId, WorkspaceId, agent::Role};
    use uuid::Uuid;

    use super::*;

    fn accepted(generation: u64) -> Accepted {
        let workspace = WorkspaceId(Uuid::from_u128(1));
        Accepted {
            viewer: Viewer::agent(AgentId(Uuid::from_u128(2)), Role::Agent, &[workspace]),
            times: Times { nbf: None, exp: 1 },
            generation,
        }
    }

    #[test]
    fn accepted_tokens_end_with_their_key_set() {
        let tokens = AcceptedTokens::default();
        let hash = AcceptedTokens::hash("a");
        tokens.put(hash, accepted(1));
        assert!(tokens.find(&hash, 1).is_some());
        assert!(tokens.find(&hash, 0).is_none() && tokens.find(&hash, 2).is_none());
        assert!(tokens.find(&AcceptedTokens::hash("b"), 1).is_none());
        tokens.put(hash, accepted(2));
        assert!(tokens.find(&hash, 1).is_none() && tokens.find(&hash, 2).is_some());
    }

    #[test]
    fn the_number_of_stored_tokens_is_bounded() {
        let tokens = AcceptedTokens::default();
        for n in 0..40_000 {
            tokens.put(AcceptedTokens::hash(&n.to_string()), accepted(0));
        }
        let kept = tokens.0.count();
        assert!((5_000..30_000).contains(&kept), "{kept}");
    }
}
