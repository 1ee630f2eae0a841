//! Loaders that are shared by subscriptions.

use std::sync::Arc;

use super::{Loaders, RowSelection};
use crate::{auth::Scope, budget::Shares, store::Db};

/// The loaders of subscriptions, by scope. Groups with different documents load the rows of an event at the same
/// time. Groups of one scope share a loader, so that these loads are one statement.
#[derive(Default)]
pub struct SharedLoaders(Shares<Scope, Loaders>);

impl SharedLoaders {
    /// Returns the loaders of a scope.
    pub fn of(&self, db: &Db, scope: &Scope) -> Arc<Loaders> {
        let new = || Loaders::new(db.clone(), scope.clone(), RowSelection::ALL);
        self.0.of(scope.clone(), new)
    }
}
