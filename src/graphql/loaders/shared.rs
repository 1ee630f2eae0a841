//! Loaders that are shared by subscriptions.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use super::{Loaders, RowSelection};
use crate::{auth::Scope, store::Db};

/// The loaders of subscriptions, by scope. Groups with different documents load the rows of an event at the same
/// time. Groups of one scope share a loader, so that these loads are one statement.
#[derive(Default)]
pub struct SharedLoaders(Mutex<ScopedLoaders>);

#[derive(Default)]
struct ScopedLoaders {
    loaders: HashMap<Scope, Weak<Loaders>>,
    /// Number of entries at which unused entries are removed.
    sweep_at: usize,
}

impl SharedLoaders {
    /// Returns the loaders of a scope.
    pub fn of(&self, db: &Db, scope: Scope) -> Arc<Loaders> {
        let mut scoped = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(loaders) = scoped.loaders.get(&scope).and_then(Weak::upgrade) {
            return loaders;
        }
        if scoped.loaders.len() >= scoped.sweep_at {
            scoped.loaders.retain(|_, loaders| loaders.strong_count() > 0);
            scoped.sweep_at = 2 * scoped.loaders.len() + 16;
        }
        let loaders = Arc::new(Loaders::new(db.clone(), scope.clone(), RowSelection::ALL));
        scoped.loaders.insert(scope, Arc::downgrade(&loaders));
        loaders
    }
}
