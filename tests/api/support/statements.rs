//! The SQL statements that a node ran.

use std::sync::{Arc, Mutex};

/// What was run, in order.
#[derive(Clone, Debug, Default)]
pub struct Statements(Arc<Mutex<Vec<String>>>);

impl Statements {
    /// Notes each statement, but for the hints between nodes: no operation waits for those.
    pub fn watcher(&self) -> impl Fn(&str) + Send + Sync + 'static {
        let seen = self.0.clone();
        move |sql: &str| {
            if !sql.contains("pg_notify") {
                seen.lock().expect("not poisoned").push(sql.to_owned());
            }
        }
    }

    /// Takes what was run since the last call.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("not poisoned"))
    }
}
