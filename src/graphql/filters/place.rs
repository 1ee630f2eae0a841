//! Where a condition stands in the arguments, and how many there are.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use crate::graphql::error::{Result, bad_input};

/// How deep conditions may lie in one another.
const DEPTH_MAX: usize = 8;
/// Most values and conditions in one filter in all.
const CONDITIONS_MAX: usize = 1_000;

/// A place in the arguments, as an error names it: `filter.and.0.email`.
#[derive(Clone, Debug)]
pub struct Place {
    path: String,
    depth: usize,
    /// Values and conditions of the whole argument so far.
    conditions: Arc<AtomicUsize>,
}

impl Place {
    /// The argument itself.
    pub fn argument(name: &str) -> Self {
        Self {
            path: name.to_owned(),
            depth: 0,
            conditions: Arc::default(),
        }
    }

    /// A field in it.
    pub fn field(&self, name: &str) -> Self {
        Self {
            path: format!("{}.{name}", self.path),
            depth: self.depth,
            conditions: self.conditions.clone(),
        }
    }

    /// The name for an error.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Counts values and conditions, and refuses too many.
    pub(super) fn count(&self, more: usize) -> Result<()> {
        let before = self.conditions.fetch_add(more, Ordering::Relaxed);
        if before.saturating_add(more) > CONDITIONS_MAX {
            let argument = self.path.split('.').next().unwrap_or_default();
            let message = format!("holds more than {CONDITIONS_MAX} values and conditions in all.");
            return Err(bad_input(argument, &message));
        }
        Ok(())
    }

    pub(super) fn deeper(&self, name: &str) -> Result<Self> {
        let inner = Self {
            depth: self.depth + 1,
            ..self.field(name)
        };
        if inner.depth > DEPTH_MAX {
            return Err(bad_input(
                &inner.path,
                &format!("conditions lie at most {DEPTH_MAX} deep in one another."),
            ));
        }
        Ok(inner)
    }
}
