//! Tokens that were accepted lately, so that a signature is checked once.
//!
//! A token is known by its SHA-256 and never kept. One that was refused is not known here: nobody fills the room with
//! rubbish. What is known of a token ends with the keys that it was checked with; its times are asked each time.

use std::{mem::size_of, sync::Arc};

use sha2::{Digest, Sha256};

use super::Times;
use crate::{auth::Viewer, shelf::Shelf};

/// Bytes for all of them: some ten thousand tokens.
const ROOM: usize = 4 << 20;

/// Tokens by their hash.
pub struct AcceptedTokens(Shelf<TokenHash, Accepted>);

/// What a token is known by.
pub type TokenHash = [u8; 32];

/// What a token said.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// Whom it speaks for.
    pub viewer: Viewer,
    /// When.
    pub times: Times,
    /// Which keys it was checked with.
    pub generation: u64,
}

impl Default for AcceptedTokens {
    fn default() -> Self {
        Self(Shelf::new(ROOM))
    }
}

impl AcceptedTokens {
    /// What a token is known by.
    pub fn hash(token: &str) -> TokenHash {
        Sha256::digest(token.as_bytes()).into()
    }

    /// What it said when it was checked with the keys of a generation.
    pub fn find(&self, hash: &TokenHash, generation: u64) -> Option<Accepted> {
        self.0.get(hash).filter(|known| known.generation == generation)
    }

    /// Keeps what it said.
    pub fn put(&self, hash: TokenHash, accepted: Accepted) {
        let workspaces = size_of_val(&*accepted.viewer.workspaces);
        let bytes = 2 * size_of::<TokenHash>() + size_of::<Accepted>() + size_of::<Arc<()>>() + workspaces;
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
    fn what_is_known_ends_with_the_keys_that_it_was_checked_with() {
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
    fn however_many_there_are_only_so_many_are_kept() {
        let tokens = AcceptedTokens::default();
        for n in 0..40_000 {
            tokens.put(AcceptedTokens::hash(&n.to_string()), accepted(0));
        }
        let kept = tokens.0.count();
        assert!((5_000..30_000).contains(&kept), "{kept}");
    }
}
