//! The loaders of those who listen.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use crate::{
    auth::Scope,
    graphql::{columns::AskedRows, loaders::Loaders},
    store::Db,
};

/// The loaders of those who listen, by what they see. An event that groups of different documents are given at the same
/// time is asked for by all of them at the same time: of one scope, they ask in one statement.
#[derive(Default)]
pub struct SharedLoaders(Mutex<Known>);

#[derive(Default)]
struct Known {
    loaders: HashMap<Scope, Weak<Loaders>>,
    /// Those that nobody has any more are dropped at this size.
    sweep_at: usize,
}

impl SharedLoaders {
    /// Those of a scope.
    pub fn of(&self, db: &Db, scope: Scope) -> Arc<Loaders> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(loaders) = known.loaders.get(&scope).and_then(Weak::upgrade) {
            return loaders;
        }
        if known.loaders.len() >= known.sweep_at {
            known.loaders.retain(|_, loaders| loaders.strong_count() > 0);
            known.sweep_at = 2 * known.loaders.len() + 16;
        }
        let loaders = Arc::new(Loaders::new(db.clone(), scope.clone(), AskedRows::ALL));
        known.loaders.insert(scope, Arc::downgrade(&loaders));
        loaders
    }
}
