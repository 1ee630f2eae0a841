//! The path of a condition in the arguments, its depth, and the number of conditions.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use crate::graphql::error::{Result, bad_input};

/// Maximum depth of nested conditions.
const DEPTH_MAX: usize = 8;
/// Maximum number of values and conditions in one filter.
const CONDITIONS_MAX: usize = 1_000;

/// A path in the arguments, as an error names it: `filter.and.0.email`.
#[derive(Clone, Debug)]
pub struct ArgumentPath {
    path: String,
    depth: usize,
    /// Number of values and conditions in the whole argument so far.
    conditions: Arc<AtomicUsize>,
}

impl ArgumentPath {
    /// Creates the path of an argument.
    pub fn argument(name: &str) -> Self {
        Self {
            path: name.to_owned(),
            depth: 0,
            conditions: Arc::default(),
        }
    }

    /// Returns the path of a field.
    pub fn field(&self, name: &str) -> Self {
        Self {
            path: format!("{}.{name}", self.path),
            depth: self.depth,
            conditions: self.conditions.clone(),
        }
    }

    /// Returns the path as text.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Counts values and conditions, and refuses more than the maximum.
    pub(super) fn count(&self, more: usize) -> Result<()> {
        let before = self.conditions.fetch_add(more, Ordering::Relaxed);
        if before.saturating_add(more) > CONDITIONS_MAX {
            let argument = self.path.split('.').next().unwrap_or_default();
            let message = format!("contains more than {CONDITIONS_MAX} values and conditions in total.");
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
                &format!("is nested too deeply. The maximum is {DEPTH_MAX} levels of conditions."),
            ));
        }
        Ok(inner)
    }
}
