//! Cache of recently accepted credentials, so that frequent requests rarely query the database.
//!
//! An entry is valid for [`TRUST_MS`]. After that, the next request looks the key up again. Revoking a key on
//! this node invalidates all entries at once. A revocation on another node takes effect when the entry
//! expires. Keys are cached by their hash. Rejected keys are not cached, so invalid requests cannot fill the
//! cache.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use entity::Timestamp;

use crate::{auth::Viewer, cache::Cache};

/// Validity of an entry in milliseconds.
pub const TRUST_MS: i64 = 1_000;
/// Size of the cache in bytes, for about five thousand keys.
const CACHE_BYTES: usize = 2 << 20;

/// Cache of keys by hash. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct CredentialCache(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    keys: Cache<String, CachedCredential>,
    /// Number of revocations on this node.
    ends: AtomicU64,
}

#[derive(Clone, Debug)]
struct CachedCredential {
    viewer: Viewer,
    looked_at: Timestamp,
    look_at: Timestamp,
    ends: u64,
}

/// State of the cache before a key is looked up.
#[derive(Clone, Copy, Debug)]
pub struct CacheGeneration(u64);

impl Default for CredentialCache {
    fn default() -> Self {
        Self(Arc::new(Inner {
            keys: Cache::new(CACHE_BYTES, 1 << 10),
            ends: AtomicU64::new(0),
        }))
    }
}

impl CredentialCache {
    pub fn find(&self, hash: &str, now: Timestamp) -> Option<Viewer> {
        let known = self.0.keys.get(hash)?;
        let is_fresh = (known.looked_at..known.look_at).contains(&now)
            && known.ends == self.0.ends.load(Ordering::SeqCst);
        let is_over = known.viewer.until.is_some_and(|until| until <= now);
        (is_fresh && !is_over).then_some(known.viewer)
    }

    /// Captures the state of the cache. Call it before the look-up, so that a revocation during the look-up
    /// is not missed.
    pub fn before(&self) -> CacheGeneration {
        CacheGeneration(self.0.ends.load(Ordering::SeqCst))
    }

    /// Stores the viewer of a valid key, up to the instant at which its next use must be recorded.
    pub fn put(
        &self,
        hash: String,
        viewer: Viewer,
        now: Timestamp,
        note_at: Timestamp,
        before: CacheGeneration,
    ) {
        let bytes = hash.len() + size_of_val(&*viewer.workspaces);
        let known = CachedCredential {
            viewer,
            looked_at: now,
            look_at: note_at.min(Timestamp(now.0 + TRUST_MS)),
            ends: before.0,
        };
        self.0.keys.put(hash, known, bytes);
    }

    /// Invalidates all entries after a revocation was written.
    pub fn invalidate(&self) {
        self.0.ends.fetch_add(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use entity::{ApiKeyId, WorkspaceId};
    use uuid::Uuid;

    use super::*;

    fn viewer(until: Option<i64>) -> Viewer {
        let workspace = WorkspaceId(Uuid::from_u128(1));
        let grants = [].into_iter().collect();
        Viewer::api_key(ApiKeyId(Uuid::from_u128(2)), grants, &[workspace]).until(until.map(Timestamp))
    }

    #[test]
    fn entries_expire_after_a_second_or_at_earlier_deadlines() {
        let keys = CredentialCache::default();
        let known = |hash, at| keys.find(hash, Timestamp(at)).is_some();
        for (hash, until, note_at) in [("a", None, 60_000), ("b", Some(500), 60_000), ("c", None, 600)] {
            let note_at = Timestamp(note_at);
            keys.put(
                hash.to_owned(),
                viewer(until),
                Timestamp(10),
                note_at,
                keys.before(),
            );
        }
        assert!(known("a", 10) && known("a", 1_009) && known("b", 499) && known("c", 599));
        assert!(!known("a", 1_010) && !known("b", 500) && !known("c", 600) && !known("d", 10));
        // An entry from the future, after the clock was set back, is not used.
        assert!(!known("a", 9));
    }

    #[test]
    fn an_invalidation_during_a_lookup_is_respected() {
        let keys = CredentialCache::default();
        let before = keys.before();
        keys.invalidate();
        keys.put("a".to_owned(), viewer(None), Timestamp(0), Timestamp(1), before);
        assert!(keys.find("a", Timestamp(0)).is_none());
        keys.put(
            "a".to_owned(),
            viewer(None),
            Timestamp(0),
            Timestamp(1),
            keys.before(),
        );
        assert!(keys.find("a", Timestamp(0)).is_some());
        keys.invalidate();
        assert!(keys.find("a", Timestamp(0)).is_none());
    }

    #[test]
    fn the_number_of_cached_keys_is_bounded() {
        let keys = CredentialCache::default();
        for n in 0..20_000 {
            keys.put(
                format!("{n:064}"),
                viewer(None),
                Timestamp(0),
                Timestamp(1),
                keys.before(),
            );
        }
        let kept = keys.0.keys.count();
        assert!((2_000..10_000).contains(&kept), "{kept}");
        assert!(keys.find(&format!("{:064}", 19_999), Timestamp(0)).is_some());
    }
}
